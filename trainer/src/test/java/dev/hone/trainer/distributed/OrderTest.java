package dev.hone.trainer.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.trainer.generate.SamplingOptions;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.optim.OptimizerOptions;
import dev.hone.trainer.optim.Pass;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OrderTest {

    @Test
    void numbersKeepTheirBits() {
        Random random = new Random(1);
        float[] coefficients = new float[100_000];
        for (int i = 0; i < coefficients.length; i++) {
            coefficients[i] = Float.intBitsToFloat(random.nextInt());
        }
        coefficients[0] = Float.NaN;
        coefficients[1] = Float.NEGATIVE_INFINITY;
        coefficients[2] = -0.0f;
        Batch batch =
                new Batch(List.of("one"), new int[] {1, 2}, new int[] {0, 1}, new int[] {0, 2}, new int[] {2, -1});

        Order order = Order.of(Order.bytes(new Order.Backward(List.of(new Pass(batch, coefficients, null, 0.7f)))));

        assertThat(order).isInstanceOfSatisfying(Order.Backward.class, backward -> {
            Pass pass = backward.passes().get(0);
            assertThat(pass.batch()).usingRecursiveComparison().isEqualTo(batch);
            assertThat(pass.bonuses()).isNull();
            assertThat(pass.temperature()).isEqualTo(0.7f);
            for (int i = 0; i < coefficients.length; i++) {
                assertThat(Float.floatToIntBits(pass.coefficients()[i]))
                        .isEqualTo(Float.floatToIntBits(coefficients[i]));
            }
        });
    }

    @Test
    void everyOrderIsKnownByItsName() {
        for (Order order : List.of(
                new Order.Weights(),
                new Order.NewOptimizer(new OptimizerOptions(0.9, 0.95, 1e-8, 0.1, 1), 7),
                new Order.Refer("/runs/first/reference"),
                new Order.Logprobs(List.of(), 1, true),
                new Order.Generate(List.of(), SamplingOptions.sampled(0.7, 12, Set.of(1, 2))),
                new Order.Backward(List.of()),
                new Order.Update(1e-4),
                new Order.Clear())) {
            assertThat(Order.of(Order.bytes(order))).isEqualTo(order);
        }
    }
}
