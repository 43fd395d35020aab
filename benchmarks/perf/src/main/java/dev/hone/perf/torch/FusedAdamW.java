package dev.hone.perf.torch;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorList;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What {@code torch.optim.AdamW(fused=True)} runs, and clipping by the global norm. The clipping rides on the fused
 * kernel's {@code grad_scale}, which spares libtorch a pass over the gradients.
 */
public final class FusedAdamW {

    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.95;
    private static final double EPSILON = 1e-8;

    /** Parameters of one weight decay. */
    public static final class Group {

        private final OperatorHandle operator = Dispatcher.singleton().findSchemaOrThrow("aten::_fused_adamw_", "");
        private final List<Tensor> parameters;
        private final double weightDecay;
        private final Tensor step = Torch.zeros();
        private final TensorList values = new TensorList();
        private final TensorList means = new TensorList();
        private final TensorList squares = new TensorList();
        private final TensorList steps = new TensorList();

        public Group(List<Tensor> parameters, double weightDecay) {
            this.parameters = parameters;
            this.weightDecay = weightDecay;
            for (Tensor parameter : parameters) {
                values.push_back(parameter);
                means.push_back(torch.zeros_like(parameter));
                squares.push_back(torch.zeros_like(parameter));
                steps.push_back(step);
            }
        }

        /**
         * One step.
         *
         * @param scale what gradients are divided by, or null
         */
        public void update(List<Tensor> gradients, @Nullable Tensor scale, double learningRate) {
            step.add_(new Scalar(1f));
            TensorList list = new TensorList();
            gradients.forEach(list::push_back);
            operator.callBoxed(new IValueVector(
                    value(values),
                    value(list),
                    value(means),
                    value(squares),
                    value(new TensorList()),
                    value(steps),
                    new IValue(learningRate),
                    new IValue(BETA1),
                    new IValue(BETA2),
                    new IValue(weightDecay),
                    new IValue(EPSILON),
                    new IValue(false),
                    new IValue(false),
                    scale == null ? new IValue() : new IValue(scale),
                    new IValue()));
        }

        public Tensor mean(int i) {
            return means.get(i);
        }

        public Tensor square(int i) {
            return squares.get(i);
        }

        /** A list of tensors is a generic list in memory, only the binding does not know it. */
        private static IValue value(TensorList list) {
            return new IValue(new GenericList(list));
        }
    }

    private final List<Group> groups;
    private final double maxGradNorm;

    /** @param norms have no weight decay */
    FusedAdamW(List<Tensor> matrices, List<Tensor> norms, double weightDecay, double maxGradNorm) {
        this.groups = List.of(new Group(matrices, weightDecay), new Group(norms, 0));
        this.maxGradNorm = maxGradNorm;
    }

    /** Updates by the gradients and lets go of them, as {@code zero_grad(set_to_none=True)} does. */
    void step(double learningRate) {
        try (PointerScope scope = new PointerScope()) {
            TensorVector norms = new TensorVector();
            List<List<Tensor>> gradients = new ArrayList<>();
            for (Group group : groups) {
                gradients.add(group.parameters.stream().map(Tensor::grad).toList());
                gradients
                        .get(gradients.size() - 1)
                        .forEach(gradient -> norms.push_back(torch.linalg_vector_norm(gradient)));
            }
            Tensor norm = torch.linalg_vector_norm(torch.stack(norms));
            Tensor scale = norm.div(new Scalar(maxGradNorm)).clamp_min_(new Scalar(1.0));
            for (int i = 0; i < groups.size(); i++) {
                groups.get(i).update(gradients.get(i), scale, learningRate);
            }
            for (Group group : groups) {
                group.parameters.forEach(parameter -> parameter.mutable_grad().reset());
            }
        }
    }
}
