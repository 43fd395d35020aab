package dev.hone.perf.torch;

import dev.hone.perf.models.Numbers;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What libtorch's binding makes long. */
public final class Torch {

    private Torch() {}

    /** Uses as many threads as hone does. */
    public static void start() {
        torch.set_num_threads(
                Integer.getInteger("hone.threads", Runtime.getRuntime().availableProcessors()));
    }

    public static Tensor zeros(long... shape) {
        return torch.zeros(shape, new TensorOptions(ScalarType.Float));
    }

    public static Tensor floats(float[] values, long... shape) {
        return Tensor.create(values, shape);
    }

    /** The numbers of that name. */
    public static Tensor normal(String name, double deviation, long... shape) {
        Tensor tensor = zeros(shape);
        Numbers.normal(name, tensor.numel(), 0, deviation, into(tensor, 0));
        return tensor;
    }

    /** Writes into a contiguous tensor from its element {@code first} on. */
    static Numbers.Sink into(Tensor tensor, long first) {
        return (from, numbers) -> {
            try (PointerScope scope = new PointerScope()) {
                tensor.view(-1).narrow(0, first + from, numbers.length).copy_(floats(numbers, numbers.length));
            }
        };
    }

    /** Token ids. */
    public static Tensor longs(int[] values, long... shape) {
        long[] wide = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return Tensor.create(wide, shape);
    }
}
