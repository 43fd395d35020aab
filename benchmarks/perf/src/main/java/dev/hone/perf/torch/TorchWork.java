package dev.hone.perf.torch;

import dev.hone.perf.harness.Work;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;

/** Work that gives back what its tensors hold when it is closed, not when Java's collector comes round to it. */
public final class TorchWork implements Work {

    private final PointerScope scope;
    private final Work work;

    public TorchWork(Supplier<Work> open) {
        Torch.start();
        this.scope = new PointerScope();
        this.work = open.get();
    }

    @Override
    public List<double[]> check() {
        return work.check();
    }

    @Override
    public void run() {
        work.run();
    }

    @Override
    public void close() {
        work.close();
        scope.close();
    }
}
