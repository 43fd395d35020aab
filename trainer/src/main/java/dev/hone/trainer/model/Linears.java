package dev.hone.trainer.model;

import static java.util.Objects.requireNonNull;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Nf4;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.model.Adapters.Adapter;
import dev.hone.trainer.model.Adapters.Factors;
import dev.hone.trainer.model.LinearModule.Matrix;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The linear modules of a transformer, forward and backward, with their adapters, over exact weights or those of 4 bits. */
final class Linears {

    /**
     * Rows {@code [from, to)} of a matrix that are multiplied by at once: a module by itself where its weight or its adapter
     * asks for that, else the whole matrix.
     *
     * @param whole {@code [to - from, in]}; null where {@code nf4} is not
     */
    private record Part(
            long from,
            long to,
            @Nullable Tensor whole,
            @Nullable Nf4 nf4) {}

    private final Device device;
    private final ModelConfig config;
    private final Parameters parameters;
    private final Activations activations;
    private final List<Map<Matrix, List<Part>>> parts = new ArrayList<>();
    /** Those a pass computes with: in training the parameters' own. */
    private @Nullable Adapters adapters;
    /** What {@link Parameters#changes} was when their norms were computed; -1: they were not. */
    private long normsOf = -1;

    Linears(Device device, ModelConfig config, Parameters parameters, Activations activations) {
        this.device = device;
        this.config = config;
        this.parameters = parameters;
        this.activations = activations;
        this.adapters = parameters.adapters();
        boolean byModule = parameters.fourBit() != null
                || (adapters != null && adapters.config().dora());
        for (int layer = 0; layer < config.layers(); layer++) {
            Map<Matrix, List<Part>> ofLayer = new EnumMap<>(Matrix.class);
            for (Matrix matrix : Matrix.values()) {
                List<Part> ofMatrix = new ArrayList<>();
                if (!byModule) {
                    Tensor whole = matrix(parameters.weightViews(), layer, matrix);
                    ofMatrix.add(new Part(0, whole.dim(0), whole, null));
                }
                ofLayer.put(matrix, ofMatrix);
            }
            parts.add(ofLayer);
        }
        if (byModule) {
            LinearModule.of(config)
                    .forEach(module -> requireNonNull(parts.get(module.layer()).get(module.matrix()))
                            .add(part(module)));
        }
    }

    private Part part(LinearModule module) {
        FourBitWeights fourBit = parameters.fourBit();
        return new Part(
                module.from(),
                module.to(),
                fourBit == null ? rows(parameters.weightViews(), module) : null,
                fourBit == null ? null : fourBit.of(module));
    }

    private static Tensor matrix(Parameters.Views views, int layer, Matrix matrix) {
        Parameters.Layer weights = views.layers().get(layer);
        return switch (matrix) {
            case QKV -> weights.qkv();
            case OUTPUT -> weights.output();
            case GATE_UP -> weights.gateUp();
            case DOWN -> weights.down();
        };
    }

    private static Tensor rows(Parameters.Views views, LinearModule module) {
        return matrix(views, module.layer(), module.matrix()).rows(module.from(), module.to());
    }

    private List<Part> parts(int layer, Matrix matrix) {
        return requireNonNull(parts.get(layer).get(matrix));
    }

    // ---- passes ----------------------------------------------------------------------------------------------------

    /** Computes with other adapters from here on, or with none. */
    void use(@Nullable Adapters others) {
        adapters = others;
        normsOf = -1;
    }

    /** Makes ready for passes with the weights as they are now. */
    void prepare() {
        if (adapters != null && adapters.config().dora() && normsOf != parameters.changes()) {
            computeNorms(adapters, activations.widened);
            normsOf = parameters.changes();
        }
    }

    private List<Adapter> adapters(int layer, Matrix matrix, Part part) {
        if (adapters == null) {
            return List.of();
        }
        List<Adapter> all = adapters.of(layer, matrix);
        boolean whole = parts(layer, matrix).size() == 1;
        return whole
                ? all
                : all.stream()
                        .filter(adapter -> adapter.module().from() == part.from())
                        .toList();
    }

    /** The one adapter, where it has a magnitude. */
    private static @Nullable Adapter scaled(List<Adapter> adapters) {
        return adapters.size() == 1 && adapters.get(0).magnitude() != null ? adapters.get(0) : null;
    }

    /**
     * {@code Y = X W^T + bias}, and {@code scale X A^T B^T} of each of the matrix's adapters; with a magnitude m then all but
     * the bias times {@code m / |W + scale B A|}, row by row of W (Liu et al. 2024, equation 5).
     */
    void forward(int layer, Matrix matrix, Tensor x, @Nullable Tensor bias, Tensor y) {
        for (Part part : parts(layer, matrix)) {
            Tensor columns = y.columns(part.from(), part.to());
            Tensor shift = bias == null ? null : bias.rows(part.from(), part.to());
            multiply(part, x, shift, columns);
            List<Adapter> ofPart = adapters(layer, matrix, part);
            for (Adapter adapter : ofPart) {
                LinearModule module = adapter.module();
                addLowRank(adapter, x, y.columns(module.from(), module.to()));
            }
            Adapter scaled = scaled(ofPart);
            if (scaled != null) {
                device.doraForward(
                        requireNonNull(scaled.magnitude()), requireNonNull(scaled.norms()), shift, columns, columns);
            }
        }
    }

    /**
     * The gradient of {@link #forward}'s input: {@code dX = dY W}, or with {@code accumulate} {@code dX += dY W}, and what
     * reaches X through the adapters.
     */
    void backwardInput(int layer, Matrix matrix, Tensor dY, Tensor dX, boolean accumulate) {
        boolean add = accumulate;
        int index = 0;
        for (Part part : parts(layer, matrix)) {
            List<Adapter> ofPart = adapters(layer, matrix, part);
            Adapter scaled = scaled(ofPart);
            Tensor dPart = dY.columns(part.from(), part.to());
            if (scaled != null) {
                Tensor dUnscaled = unscaled(part, dY.dim(0));
                device.doraForward(
                        requireNonNull(scaled.magnitude()), requireNonNull(scaled.norms()), null, dPart, dUnscaled);
                dPart = dUnscaled;
            }
            if (part.nf4() != null) {
                device.nf4Matmul(dPart, part.nf4(), false, null, dX, add);
            } else {
                device.matmul(dPart, false, requireNonNull(part.whole()), false, null, dX, add);
            }
            add = true;
            for (Adapter adapter : ofPart) {
                Tensor dLowRank = lowRankGradient(index++, dY.dim(0));
                device.matmul(
                        ofModule(adapter, part, dPart), false, adapter.factors().b(), false, null, dLowRank, false);
                device.scale(dLowRank, scale(), dLowRank);
                device.matmul(dLowRank, false, adapter.factors().a(), false, null, dX, true);
            }
        }
    }

    /** Whether {@link #backwardWeights} has anything to add to, and so reads its input. */
    boolean trains(int layer, Matrix matrix) {
        return dWeight(layer, matrix) != null
                || (adapters != null && !adapters.of(layer, matrix).isEmpty());
    }

    /**
     * Adds to the gradients of what {@link #forward} multiplied by: {@code dW += dY^T X} unless the weight is frozen, and
     * to the adapters'. To follow {@link #backwardInput} of the same matrix, which leaves the gradients between the
     * adapters' factors.
     */
    void backwardWeights(int layer, Matrix matrix, Tensor x, Tensor dY) {
        Tensor dWeight = dWeight(layer, matrix);
        if (dWeight != null) {
            device.matmul(dY, true, x, false, null, dWeight, true);
        }
        int index = 0;
        for (Part part : parts(layer, matrix)) {
            List<Adapter> ofPart = adapters(layer, matrix, part);
            Adapter scaled = scaled(ofPart);
            Tensor dPart = dY.columns(part.from(), part.to());
            if (scaled != null) {
                dPart = scaledBackward(part, scaled, x, dPart);
            }
            for (Adapter adapter : ofPart) {
                Factors gradients = requireNonNull(adapter.gradients());
                Tensor dLowRank = lowRankGradient(index++, x.dim(0));
                device.matmul(
                        ofModule(adapter, part, dPart), true, lowRank(adapter, x), false, null, gradients.b(), true);
                device.matmul(dLowRank, true, x, false, null, gradients.a(), true);
            }
        }
    }

    private @Nullable Tensor dWeight(int layer, Matrix matrix) {
        return Parameters.ofTrained(matrix(parameters.gradientViews(), layer, matrix));
    }

    /** The columns of an adapter's module among those of a part. */
    private static Tensor ofModule(Adapter adapter, Part part, Tensor columns) {
        LinearModule module = adapter.module();
        return columns.columns(module.from() - part.from(), module.to() - part.from());
    }

    private void multiply(Part part, Tensor x, @Nullable Tensor bias, Tensor y) {
        if (part.nf4() != null) {
            device.nf4Matmul(x, part.nf4(), true, bias, y, false);
        } else {
            device.matmul(x, false, requireNonNull(part.whole()), true, bias, y, false);
        }
    }

    /** {@code scale X A^T}, {@code [tokens, rank]} */
    private Tensor lowRank(Adapter adapter, Tensor x) {
        Tensor lowRank = requireNonNull(activations.lowRank).rows(0, x.dim(0));
        device.matmul(x, false, adapter.factors().a(), true, null, lowRank, false);
        device.scale(lowRank, scale(), lowRank);
        return lowRank;
    }

    private void addLowRank(Adapter adapter, Tensor x, Tensor y) {
        device.matmul(lowRank(adapter, x), false, adapter.factors().b(), true, null, y, true);
    }

    /** Of {@link #lowRank}, for the adapter of that index among a matrix's. */
    private Tensor lowRankGradient(int index, long tokens) {
        return activations.lowRankGradients.get(index).rows(0, tokens);
    }

    /**
     * From the gradient of a scaled module's output to that before the scaling, again, with the magnitude's. What was scaled is
     * computed again: to keep it would take another output of each module.
     */
    private Tensor scaledBackward(Part part, Adapter adapter, Tensor x, Tensor dModule) {
        Tensor unscaled = unscaled(part, x.dim(0));
        multiply(part, x, null, unscaled);
        addLowRank(adapter, x, unscaled);
        device.doraBackward(
                requireNonNull(adapter.magnitude()),
                requireNonNull(adapter.norms()),
                unscaled,
                dModule,
                requireNonNull(adapter.dMagnitude()));
        return unscaled;
    }

    /** Space for what a scaled module gives before the scaling, or for its gradient: {@code [tokens, out]}. */
    private Tensor unscaled(Part part, long tokens) {
        long out = part.to() - part.from();
        return requireNonNull(activations.unscaled).rows(0, tokens * out).reshape(tokens, out);
    }

    private float scale() {
        return requireNonNull(adapters).config().scale();
    }

    // ---- magnitudes and merging ------------------------------------------------------------------------------------

    /** Sets each magnitude to the norm of its row, where the adapter changes nothing but by B A. */
    void resetMagnitudes() {
        Adapters own = parameters.adapters();
        if (own != null && own.config().dora()) {
            computeNorms(own, activations.widened);
            own.all()
                    .forEach(adapter ->
                            device.copy(requireNonNull(adapter.norms()), requireNonNull(adapter.magnitude())));
        }
    }

    /** @param space for some rows of a weight as F32; null where the weights are that */
    private void computeNorms(Adapters of, @Nullable Tensor space) {
        FourBitWeights fourBit = parameters.fourBit();
        for (Adapter adapter : of.all()) {
            Tensor norms = requireNonNull(adapter.norms());
            Factors factors = adapter.exact();
            float scale = of.config().scale();
            LinearModule module = adapter.module();
            if (fourBit != null) {
                Nf4 weight = fourBit.of(module);
                computeNorms(
                        module,
                        requireNonNull(space),
                        (from, rows) -> device.nf4Dequantize(weight, from, rows),
                        factors,
                        scale,
                        norms);
                continue;
            }
            Weight weight = parameters.weight(views -> rows(views, module));
            if (weight.computed().dtype() == DType.F32) {
                device.doraNorms(weight.computed(), factors.a(), factors.b(), scale, norms);
            } else {
                computeNorms(
                        module,
                        requireNonNull(space),
                        (from, rows) -> weight.rows(from, from + rows.dim(0)).widen(rows),
                        factors,
                        scale,
                        norms);
            }
        }
    }

    /** Gives rows of a weight, from {@code from} on, as F32. */
    private interface Widening {
        void rows(long from, Tensor rows);
    }

    private void computeNorms(
            LinearModule module, Tensor space, Widening widening, Factors factors, float scale, Tensor norms) {
        long chunk = space.size() / module.in();
        for (long from = 0; from < module.out(); from += chunk) {
            long to = Math.min(module.out(), from + chunk);
            Tensor rows = space.rows(0, (to - from) * module.in()).reshape(to - from, module.in());
            widening.rows(from, rows);
            device.doraNorms(rows, factors.a(), factors.b().rows(from, to), scale, norms.rows(from, to));
        }
    }

    /** Adds adapters, these or others, to the exact weights; their B is scaled in place. */
    void merge(Adapters added) {
        float scale = added.config().scale();
        if (added.config().dora()) {
            long size = Activations.widenedSize(config);
            try (Arena temporary = device.arena(Arena.bytes(DType.F32, size))) {
                computeNorms(added, temporary.allocate(DType.F32, size));
            }
        }
        for (Adapter adapter : added.all()) {
            Weight weight = parameters.weight(views -> rows(views, adapter.module()));
            Factors factors = adapter.of(weight.dtype());
            device.scale(factors.b(), scale, factors.b());
            weight.change((from, rows) -> {
                long to = from + rows.dim(0);
                device.matmul(factors.b().rows(from, to), false, factors.a(), false, null, rows, true);
                if (adapter.magnitude() != null) {
                    Tensor norms = requireNonNull(adapter.norms());
                    scaleRows(rows, adapter.magnitude().rows(from, to), norms.rows(from, to));
                }
            });
        }
        parameters.changed();
    }

    private void scaleRows(Tensor rows, Tensor magnitude, Tensor norms) {
        float[] magnitudes = new float[Math.toIntExact(rows.dim(0))];
        float[] lengths = new float[magnitudes.length];
        device.read(magnitude, magnitudes);
        device.read(norms, lengths);
        for (int i = 0; i < magnitudes.length; i++) {
            Tensor row = rows.rows(i, i + 1);
            device.scale(row, magnitudes[i] / lengths[i], row);
        }
    }
}
