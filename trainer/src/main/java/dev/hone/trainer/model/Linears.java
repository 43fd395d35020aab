package dev.hone.trainer.model;

import static java.util.Objects.requireNonNull;

import dev.hone.kernels.Device;
import dev.hone.kernels.Nf4;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.model.Adapters.Adapter;
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
     * @param exact {@code [to - from, in]}; null where {@code nf4} is not
     */
    private record Part(
            long from,
            long to,
            @Nullable Tensor exact,
            @Nullable Nf4 nf4) {}

    private final Device device;
    private final Parameters parameters;
    private final Activations activations;
    private final List<Map<Matrix, List<Part>>> parts = new ArrayList<>();
    /** Those a pass computes with: in training the parameters' own. */
    private @Nullable Adapters adapters;
    /** What {@link Parameters#changes} was when their norms were computed; -1: they were not. */
    private long normsOf = -1;

    Linears(Device device, ModelConfig config, Parameters parameters, Activations activations) {
        this.device = device;
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
                    Tensor whole = matrix(layer, matrix);
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
                fourBit == null ? exact(module) : null,
                fourBit == null ? null : fourBit.of(module));
    }

    private Tensor matrix(int layer, Matrix matrix) {
        Parameters.Layer weights = parameters.weightViews().layers().get(layer);
        return switch (matrix) {
            case QKV -> weights.qkv();
            case OUTPUT -> weights.output();
            case GATE_UP -> weights.gateUp();
            case DOWN -> weights.down();
        };
    }

    private Tensor exact(LinearModule module) {
        return matrix(module.layer(), module.matrix()).rows(module.from(), module.to());
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
            computeNorms(adapters);
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
                device.doraForward(requireNonNull(scaled.magnitude()), requireNonNull(scaled.norms()), shift, columns);
            }
        }
    }

    /**
     * The gradients of {@link #forward}: {@code dX = dY W}, or with {@code accumulate} {@code dX += dY W}, and {@code dW +=
     * dY^T X} unless the weight is frozen; the adapters' likewise.
     */
    void backward(int layer, Matrix matrix, Tensor x, Tensor dY, Tensor dX, Tensor dWeight, boolean accumulate) {
        if (dWeight.size() > 0) {
            device.matmul(dY, true, x, false, null, dWeight, true);
        }
        boolean add = accumulate;
        for (Part part : parts(layer, matrix)) {
            Tensor dPart = dY.columns(part.from(), part.to());
            List<Adapter> ofPart = adapters(layer, matrix, part);
            Adapter scaled = scaled(ofPart);
            if (scaled != null) {
                dPart = scaledBackward(part, scaled, x, dPart);
            }
            if (part.nf4() != null) {
                device.nf4Matmul(dPart, part.nf4(), false, null, dX, add);
            } else {
                device.matmul(dPart, false, requireNonNull(part.exact()), false, null, dX, add);
            }
            add = true;
            for (Adapter adapter : ofPart) {
                LinearModule module = adapter.module();
                Tensor dModule = dPart.columns(module.from() - part.from(), module.to() - part.from());
                lowRankBackward(adapter, x, dModule, dX);
            }
        }
    }

    private void multiply(Part part, Tensor x, @Nullable Tensor bias, Tensor y) {
        if (part.nf4() != null) {
            device.nf4Matmul(x, part.nf4(), true, bias, y, false);
        } else {
            device.matmul(x, false, requireNonNull(part.exact()), true, bias, y, false);
        }
    }

    /** {@code scale X A^T}, {@code [tokens, rank]} */
    private Tensor lowRank(Adapter adapter, Tensor x) {
        Tensor lowRank = requireNonNull(activations.lowRank).rows(0, x.dim(0));
        device.matmul(x, false, adapter.a(), true, null, lowRank, false);
        device.scale(lowRank, scale(), lowRank);
        return lowRank;
    }

    private void addLowRank(Adapter adapter, Tensor x, Tensor y) {
        device.matmul(lowRank(adapter, x), false, adapter.b(), true, null, y, true);
    }

    private void lowRankBackward(Adapter adapter, Tensor x, Tensor dModule, Tensor dX) {
        Tensor dLowRank = requireNonNull(activations.lowRankGradient).rows(0, x.dim(0));
        device.matmul(dModule, true, lowRank(adapter, x), false, null, requireNonNull(adapter.dB()), true);
        device.matmul(dModule, false, adapter.b(), false, null, dLowRank, false);
        device.scale(dLowRank, scale(), dLowRank);
        device.matmul(dLowRank, true, x, false, null, requireNonNull(adapter.dA()), true);
        device.matmul(dLowRank, false, adapter.a(), false, null, dX, true);
    }

    /**
     * From the gradient of a scaled module's output to that before the scaling, with the magnitude's. What was scaled is
     * computed again: to keep it would take another output of each module.
     */
    private Tensor scaledBackward(Part part, Adapter adapter, Tensor x, Tensor dModule) {
        long out = part.to() - part.from();
        Tensor unscaled =
                requireNonNull(activations.unscaled).rows(0, x.dim(0) * out).reshape(x.dim(0), out);
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

    private float scale() {
        return requireNonNull(adapters).config().scale();
    }

    // ---- magnitudes and merging ------------------------------------------------------------------------------------

    /** Sets each magnitude to the norm of its row, where the adapter changes nothing but by B A. */
    void resetMagnitudes() {
        Adapters own = parameters.adapters();
        if (own != null && own.config().dora()) {
            computeNorms(own);
            own.all()
                    .forEach(adapter ->
                            device.copy(requireNonNull(adapter.norms()), requireNonNull(adapter.magnitude())));
        }
    }

    private void computeNorms(Adapters of) {
        FourBitWeights fourBit = parameters.fourBit();
        float scale = of.config().scale();
        for (Adapter adapter : of.all()) {
            Tensor norms = requireNonNull(adapter.norms());
            if (fourBit == null) {
                device.doraNorms(exact(adapter.module()), adapter.a(), adapter.b(), scale, norms);
            } else {
                computeNorms(fourBit.of(adapter.module()), adapter, scale, norms);
            }
        }
    }

    private void computeNorms(Nf4 weight, Adapter adapter, float scale, Tensor norms) {
        Tensor space = requireNonNull(activations.dequantized);
        long chunk = space.size() / weight.columns();
        for (long from = 0; from < weight.rows(); from += chunk) {
            long to = Math.min(weight.rows(), from + chunk);
            Tensor rows = space.rows(0, (to - from) * weight.columns()).reshape(to - from, weight.columns());
            device.nf4Dequantize(weight, from, rows);
            device.doraNorms(rows, adapter.a(), adapter.b().rows(from, to), scale, norms.rows(from, to));
        }
    }

    /** Adds adapters, these or others, to the exact weights; their B is scaled in place. */
    void merge(Adapters added) {
        float scale = added.config().scale();
        if (added.config().dora()) {
            computeNorms(added);
        }
        for (Adapter adapter : added.all()) {
            Tensor weight = exact(adapter.module());
            device.scale(adapter.b(), scale, adapter.b());
            device.matmul(adapter.b(), false, adapter.a(), false, null, weight, true);
            if (adapter.magnitude() != null) {
                scaleRows(weight, adapter.magnitude(), requireNonNull(adapter.norms()));
            }
        }
    }

    private void scaleRows(Tensor weight, Tensor magnitude, Tensor norms) {
        float[] magnitudes = new float[Math.toIntExact(weight.dim(0))];
        float[] lengths = new float[magnitudes.length];
        device.read(magnitude, magnitudes);
        device.read(norms, lengths);
        for (int i = 0; i < magnitudes.length; i++) {
            Tensor row = weight.rows(i, i + 1);
            device.scale(row, magnitudes[i] / lengths[i], row);
        }
    }
}
