package dev.hone.trainer.screen;

import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/** While open, ND4J computes on one thread: on arrays as small as a screen's, more cost many times what they bring. */
final class OneThread implements AutoCloseable {

    private final boolean limits = Nd4j.getEnvironment().isCPU();
    private final NativeOps operations = NativeOpsHolder.getInstance().getDeviceNativeOps();
    private final int operationThreads = limits ? operations.ompGetMaxThreads() : 1;
    private final int blasThreads = limits ? Nd4j.factory().blas().getMaxThreads() : 1;

    OneThread() {
        set(1, 1);
    }

    private void set(int forOperations, int forBlas) {
        if (limits) {
            operations.setOmpNumThreads(forOperations);
            Nd4j.factory().blas().setMaxThreads(forBlas);
        }
    }

    @Override
    public void close() {
        set(operationThreads, blasThreads);
    }
}
