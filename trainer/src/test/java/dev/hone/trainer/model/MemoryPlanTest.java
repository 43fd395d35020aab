package dev.hone.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.trainer.TestDevices;
import dev.hone.trainer.optim.Optim;
import dev.hone.trainer.optim.Optimizer;
import dev.hone.trainer.optim.OptimizerOptions;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {

    /** What the device is asked for when the buffers are made. */
    @Test
    void countsWhatIsThenTaken() {
        LoraConfig lora = new LoraConfig(4, 4, false, false, List.of("all-linear"), 0);
        LoraConfig dora = new LoraConfig(4, 4, false, true, List.of("all-linear"), 0);
        try (Device device = TestDevices.open("cpu")) {
            for (ModelConfig config : Models.ALL) {
                for (DType dtype : new DType[] {DType.F32, DType.BF16}) {
                    for (boolean recompute : new boolean[] {false, true}) {
                        TransformerOptions options = new TransformerOptions(50, recompute, true).withDtype(dtype);
                        compare(device, config, options);
                        for (LoraConfig adapters : List.of(lora, dora)) {
                            compare(device, config, options.withLora(adapters));
                            compare(device, config, options.withFourBit(adapters));
                        }
                    }
                    compare(device, config, TransformerOptions.inference(50).withDtype(dtype));
                }
            }
        }
    }

    /** Of each weight: 2 bytes to compute with, 2 that they leave out, 4 of its gradient and 8 of moments. */
    @Test
    void bfloat16TakesSixteenBytesAWeightToTrainAndTwoToAsk() {
        ModelConfig config = Models.TIED;
        try (Device device = TestDevices.open("cpu")) {
            TransformerOptions options = TransformerOptions.training(50).withDtype(DType.BF16);
            MemoryPlan trained = MemoryPlan.of(config, options, 0, device);
            MemoryPlan asked = MemoryPlan.of(config, options.still(), 0, device);
            // Each vector starts aligned, and there are many small ones here.
            long weights = asked.weights() / 2;
            long staged = 4 * Weight.stagedSize(weights);
            assertThat(trained.weights() + trained.gradients() + trained.optimizer() - staged)
                    .isCloseTo(16 * weights, within(16L * 64));
        }
    }

    /** And not what its norms and its gated unit give: the backward pass computes that again. */
    @Test
    void aLayerKeepsTheStreamTwiceItsHeadsAndGateAndUp() {
        int tokens = 64;
        try (Device device = TestDevices.open("cpu")) {
            long[] activations = new long[2];
            for (int i = 0; i < 2; i++) {
                ModelConfig config = new ModelConfig(64, 128, 384, 2 + i, 4, 2, 32, tokens, 10_000, 1e-6, true, true);
                activations[i] = MemoryPlan.of(config, TransformerOptions.training(tokens), 0, device)
                        .activations();
            }
            int queriesKeysValues = 128 + 2 * 64;
            int statistics = 2 + 4; // of two norms, and of the softmax of each head
            assertThat(activations[1] - activations[0])
                    .isEqualTo(4L * tokens * (2 * 128 + queriesKeysValues + 128 + 2 * 384 + statistics));
        }
    }

    /** 2 to compute with, 2 that they leave out, 4 of its gradient, 2 of moments with 8 for each block of 256. */
    @Test
    void eightBitMomentsLeaveTenBytesAWeight() {
        ModelConfig config = ModelConfig.read(Path.of("src/test/resources/adapters/four_bit/base"));
        try (Device device = TestDevices.open("cpu")) {
            TransformerOptions options = TransformerOptions.training(50).withDtype(DType.BF16);
            MemoryPlan trained = MemoryPlan.of(config, options, true, 0, device);
            long weights = MemoryPlan.of(config, options.still(), 0, device).weights() / 2;
            long staged = 4 * Weight.stagedSize(weights);
            double each = (trained.weights() + trained.gradients() + trained.optimizer() - staged) / (double) weights;
            assertThat(each).isBetween(10.03, 10.2);
        }
    }

    private static void compare(Device device, ModelConfig config, TransformerOptions options) {
        MemoryPlan plan = MemoryPlan.of(config, options, 3 * 16, device);
        AtomicLong asked = new AtomicLong();
        Device counting = counting(device, asked);
        try (Transformer transformer = Transformer.create(counting, config, options)) {
            assertThat(asked.getAndSet(0)).isEqualTo(plan.weights() + plan.gradients() + plan.activations());
            if (options.trainable()) {
                for (Optim optim : Optim.values()) {
                    OptimizerOptions adamw = new OptimizerOptions(0.9, 0.99, 1e-8, 0, 1, optim);
                    long moments = MemoryPlan.of(config, options, optim == Optim.ADAMW_8BIT, 0, device)
                            .optimizer();
                    new Optimizer(counting, transformer.parameters(), adamw).close();
                    // One more tensor, of the gradient's norm.
                    assertThat(asked.getAndSet(0)).isCloseTo(moments, within(1024L));
                }
            }
        }
        new KvCache(counting, config, options.dtype(), 3, 16).close();
        assertThat(asked.get()).isCloseTo(plan.cache(), within(2L * config.layers() * 256));
    }

    /** {@code device}, adding up the bytes of the arenas it is asked for. */
    private static Device counting(Device device, AtomicLong asked) {
        return (Device) Proxy.newProxyInstance(
                Device.class.getClassLoader(), new Class<?>[] {Device.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("arena")) {
                        asked.addAndGet((Long) arguments[0]);
                    }
                    try {
                        return method.invoke(device, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
