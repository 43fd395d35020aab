package dev.hone.kernels;

import org.jspecify.annotations.Nullable;

/**
 * What every device refuses before it computes: tensors of another device, or of types, shapes and strides that do not
 * fit together. Each method throws {@link IllegalArgumentException} naming the operation, the tensor as it is and what
 * was expected; where all is well it allocates nothing.
 */
public final class Checks {

    private final Device device;

    public Checks(Device device) {
        this.device = device;
    }

    /** Of {@code device}, and contiguous. */
    public void contiguous(String op, Tensor tensor) {
        here(op, "tensor", tensor);
        if (!tensor.isContiguous()) {
            throw refuse(op, "tensor", tensor, "a contiguous tensor");
        }
    }

    /** Contiguous, of {@code dtype} and with {@code elements} elements in all. */
    public void host(String op, Tensor tensor, DType dtype, long elements) {
        contiguous(op, tensor);
        if (tensor.dtype() != dtype || tensor.size() != elements) {
            throw refuse(op, "tensor", tensor, dtype + " with " + elements + " elements");
        }
    }

    /** Contiguous, F32 or BF16, with {@code elements} elements in all. */
    public void hostFloats(String op, Tensor tensor, long elements) {
        floats(op, "tensor", tensor);
        host(op, tensor, tensor.dtype(), elements);
    }

    /** Contiguous, I32 or F32. */
    public void readLater(Tensor from) {
        contiguous("readLater", from);
        if (from.dtype() != DType.I32 && from.dtype() != DType.F32) {
            throw refuse("readLater", "from", from, "I32 or F32");
        }
    }

    /** Contiguous and {@code bytes} long. */
    public void bytes(String op, Tensor tensor, long bytes) {
        contiguous(op, tensor);
        if (tensor.bytes() != bytes) {
            throw refuse(op, "tensor", tensor, bytes + " bytes");
        }
    }

    /** Numbers of a type in {@code bytes} bytes fill a tensor. */
    public void numbers(String op, Tensor tensor, HostFloat type, long bytes) {
        floats(op, "tensor", tensor);
        contiguous(op, tensor);
        if (tensor.size() * type.bytes() != bytes) {
            throw refuse(op, "tensor", tensor, bytes + " bytes of " + type);
        }
    }

    public void copy(Tensor from, Tensor to) {
        contiguous("copy", from);
        contiguous("copy", to);
        if (from.dtype() != to.dtype() || from.size() != to.size()) {
            throw refuse("copy", "to", to, "the type and size of " + from);
        }
    }

    public void matmul(Tensor a, boolean transposeA, Tensor b, boolean transposeB, @Nullable Tensor bias, Tensor c) {
        floats("matmul", "a", a);
        rank("matmul", "a", a, 2);
        rank("matmul", "c", c, 2);
        long m = c.dim(0);
        long n = c.dim(1);
        long k = a.dim(transposeA ? 0 : 1);
        spacedMatrix("matmul", "a", a, a.dtype(), transposeA ? k : m, transposeA ? m : k);
        spacedMatrix("matmul", "b", b, a.dtype(), transposeB ? n : k, transposeB ? k : n);
        spacedMatrix("matmul", "c", c, c.dtype() == DType.F32 ? DType.F32 : a.dtype(), m, n);
        if (bias != null) {
            vector("matmul", "bias", bias, a.dtype(), n);
        }
    }

    public void nf4Dequantize(Nf4 weight, long from, Tensor out) {
        nf4("nf4Dequantize", weight);
        rank("nf4Dequantize", "out", out, 2);
        matrix("nf4Dequantize", "out", out, DType.F32, out.dim(0), weight.columns());
        if (from < 0 || from + out.dim(0) > weight.rows()) {
            throw new IllegalArgumentException("nf4Dequantize: rows [" + from + ", " + (from + out.dim(0))
                    + ") of a weight with " + weight.rows());
        }
    }

    public void nf4Matmul(Tensor a, Nf4 weight, boolean transpose, @Nullable Tensor bias, Tensor c) {
        floats("nf4Matmul", "a", a);
        rank("nf4Matmul", "c", c, 2);
        nf4("nf4Matmul", weight);
        long n = transpose ? weight.rows() : weight.columns();
        spacedMatrix("nf4Matmul", "a", a, a.dtype(), c.dim(0), transpose ? weight.columns() : weight.rows());
        spacedMatrix("nf4Matmul", "c", c, c.dtype() == DType.F32 ? DType.F32 : a.dtype(), c.dim(0), n);
        if (bias != null) {
            vector("nf4Matmul", "bias", bias, a.dtype(), n);
        }
    }

    private void nf4(String op, Nf4 weight) {
        long size = weight.size();
        vector(op, "codes", weight.codes(), DType.U8, Nf4.codeBytes(size));
        vector(op, "absmax", weight.absmax(), DType.U8, Nf4.blocks(size));
        vector(op, "scales", weight.scales(), DType.F32, Nf4.scaleCount(size));
        vector(op, "table", weight.table(), DType.F32, Nf4.TABLE);
    }

    public void doraNorms(Tensor weight, Tensor a, Tensor b, Tensor norms) {
        rank("doraNorms", "weight", weight, 2);
        rank("doraNorms", "a", a, 2);
        matrix("doraNorms", "weight", weight, DType.F32, weight.dim(0), weight.dim(1));
        matrix("doraNorms", "a", a, DType.F32, a.dim(0), weight.dim(1));
        matrix("doraNorms", "b", b, DType.F32, weight.dim(0), a.dim(0));
        vector("doraNorms", "norms", norms, DType.F32, weight.dim(0));
    }

    public void doraForward(Tensor magnitude, Tensor norms, @Nullable Tensor bias, Tensor z, Tensor y) {
        floats("doraForward", "y", y);
        rank("doraForward", "y", y, 2);
        spacedMatrix("doraForward", "y", y, y.dtype(), y.dim(0), y.dim(1));
        spacedMatrix("doraForward", "z", z, y.dtype(), y.dim(0), y.dim(1));
        vector("doraForward", "magnitude", magnitude, DType.F32, y.dim(1));
        vector("doraForward", "norms", norms, DType.F32, y.dim(1));
        if (bias != null) {
            vector("doraForward", "bias", bias, y.dtype(), y.dim(1));
        }
    }

    public void doraBackward(Tensor magnitude, Tensor norms, Tensor z, Tensor dY, Tensor dMagnitude) {
        floats("doraBackward", "z", z);
        rank("doraBackward", "z", z, 2);
        spacedMatrix("doraBackward", "z", z, z.dtype(), z.dim(0), z.dim(1));
        spacedMatrix("doraBackward", "dY", dY, z.dtype(), z.dim(0), z.dim(1));
        vector("doraBackward", "magnitude", magnitude, DType.F32, z.dim(1));
        vector("doraBackward", "norms", norms, DType.F32, z.dim(1));
        vector("doraBackward", "dMagnitude", dMagnitude, DType.F32, z.dim(1));
    }

    public void sumRows(Tensor x, Tensor out) {
        floats("sumRows", "x", x);
        rank("sumRows", "x", x, 2);
        vector("sumRows", "out", out, DType.F32, x.dim(1));
    }

    public void take(Tensor x, Tensor places, Tensor out) {
        rank("take", "x", x, 1);
        vector("take", "x", x, DType.I32, x.dim(0));
        rank("take", "places", places, 1);
        vector("take", "places", places, DType.I32, places.dim(0));
        vector("take", "out", out, DType.I32, places.dim(0));
    }

    public void embeddingForward(Tensor ids, Tensor table, Tensor out) {
        floats("embeddingForward", "table", table);
        rank("embeddingForward", "table", table, 2);
        rank("embeddingForward", "ids", ids, 1);
        vector("embeddingForward", "ids", ids, DType.I32, ids.dim(0));
        matrix("embeddingForward", "table", table, table.dtype(), table.dim(0), table.dim(1));
        matrix("embeddingForward", "out", out, table.dtype(), ids.dim(0), table.dim(1));
    }

    public void embeddingBackward(Tensor ids, Tensor dOut, Tensor dTable) {
        floats("embeddingBackward", "dOut", dOut);
        rank("embeddingBackward", "dTable", dTable, 2);
        rank("embeddingBackward", "ids", ids, 1);
        vector("embeddingBackward", "ids", ids, DType.I32, ids.dim(0));
        matrix("embeddingBackward", "dTable", dTable, DType.F32, dTable.dim(0), dTable.dim(1));
        matrix("embeddingBackward", "dOut", dOut, dOut.dtype(), ids.dim(0), dTable.dim(1));
    }

    public void rmsnormForward(
            Tensor x, @Nullable Tensor residual, Tensor weight, @Nullable Tensor sum, Tensor out, Tensor rstd) {
        floats("rmsnormForward", "x", x);
        rank("rmsnormForward", "x", x, 2);
        DType dtype = x.dtype();
        long tokens = x.dim(0);
        long width = x.dim(1);
        matrix("rmsnormForward", "x", x, dtype, tokens, width);
        if ((residual == null) != (sum == null)) {
            throw new IllegalArgumentException(
                    "rmsnormForward: residual and sum go together, only one of them was given");
        }
        if (residual != null && sum != null) {
            matrix("rmsnormForward", "residual", residual, dtype, tokens, width);
            matrix("rmsnormForward", "sum", sum, dtype, tokens, width);
        }
        vector("rmsnormForward", "weight", weight, dtype, width);
        matrix("rmsnormForward", "out", out, dtype, tokens, width);
        vector("rmsnormForward", "rstd", rstd, DType.F32, tokens);
    }

    public void rmsnormBackward(
            Tensor x,
            Tensor weight,
            Tensor rstd,
            Tensor dOut,
            @Nullable Tensor dSum,
            Tensor dX,
            Tensor dWeight,
            @Nullable Tensor out) {
        floats("rmsnormBackward", "x", x);
        rank("rmsnormBackward", "x", x, 2);
        DType dtype = x.dtype();
        long tokens = x.dim(0);
        long width = x.dim(1);
        matrix("rmsnormBackward", "x", x, dtype, tokens, width);
        vector("rmsnormBackward", "weight", weight, dtype, width);
        vector("rmsnormBackward", "rstd", rstd, DType.F32, tokens);
        matrix("rmsnormBackward", "dOut", dOut, dtype, tokens, width);
        if (dSum != null) {
            matrix("rmsnormBackward", "dSum", dSum, dtype, tokens, width);
        }
        matrix("rmsnormBackward", "dX", dX, dtype, tokens, width);
        vector("rmsnormBackward", "dWeight", dWeight, DType.F32, width);
        if (out != null) {
            matrix("rmsnormBackward", "out", out, dtype, tokens, width);
        }
    }

    public void headnormForward(Tensor x, Tensor weight, Tensor out, Tensor rstd) {
        headnorm("headnormForward", x, weight, rstd);
        heads("headnormForward", "out", out, x, x.dim(1));
    }

    public void headnormBackward(Tensor x, Tensor weight, Tensor rstd, Tensor dOut, Tensor dX, Tensor dWeight) {
        headnorm("headnormBackward", x, weight, rstd);
        heads("headnormBackward", "dOut", dOut, x, x.dim(1));
        heads("headnormBackward", "dX", dX, x, x.dim(1));
        vector("headnormBackward", "dWeight", dWeight, DType.F32, x.dim(2));
    }

    private void headnorm(String op, Tensor x, Tensor weight, Tensor rstd) {
        floats(op, "x", x);
        rank(op, "x", x, 3);
        vector(op, "weight", weight, x.dtype(), x.dim(2));
        matrix(op, "rstd", rstd, DType.F32, x.dim(0), x.dim(1));
    }

    public void rope(Tensor x, Tensor positions, Tensor cos, Tensor sin) {
        floats("rope", "x", x);
        rank("rope", "x", x, 3);
        rank("rope", "cos", cos, 2);
        vector("rope", "positions", positions, DType.I32, x.dim(0));
        matrix("rope", "cos", cos, DType.F32, cos.dim(0), cos.dim(1));
        matrix("rope", "sin", sin, DType.F32, cos.dim(0), cos.dim(1));
        if (2 * cos.dim(1) > x.dim(2)) {
            throw refuse("rope", "cos", cos, "at most headDim / 2 = " + x.dim(2) / 2 + " columns");
        }
    }

    public void attentionForward(Tensor q, Tensor k, Tensor v, Tensor offsets, Tensor out, Tensor lse) {
        attention("attentionForward", q, k, v, offsets, out, lse);
    }

    public void attentionBackward(
            Tensor q,
            Tensor k,
            Tensor v,
            Tensor offsets,
            Tensor out,
            Tensor lse,
            Tensor dOut,
            Tensor dQ,
            Tensor dK,
            Tensor dV) {
        attention("attentionBackward", q, k, v, offsets, out, lse);
        like("attentionBackward", "dOut", dOut, out);
        like("attentionBackward", "dQ", dQ, q);
        like("attentionBackward", "dK", dK, k);
        like("attentionBackward", "dV", dV, v);
    }

    private void attention(String op, Tensor q, Tensor k, Tensor v, Tensor offsets, Tensor out, Tensor lse) {
        floats(op, "q", q);
        rank(op, "q", q, 3);
        rank(op, "k", k, 3);
        long tokens = q.dim(0);
        heads(op, "k", k, q, k.dim(1));
        heads(op, "v", v, q, k.dim(1));
        heads(op, "out", out, q, q.dim(1));
        grouped(op, q.dim(1), k.dim(1));
        offsets(op, offsets);
        matrix(op, "lse", lse, DType.F32, q.dim(1), tokens);
    }

    public void attentionPaged(
            Tensor q, Tensor kCache, Tensor vCache, Tensor blockTable, Tensor lengths, Tensor offsets, Tensor out) {
        floats("attentionPaged", "q", q);
        rank("attentionPaged", "q", q, 3);
        heads("attentionPaged", "out", out, q, q.dim(1));
        caches("attentionPaged", kCache, vCache, q);
        grouped("attentionPaged", q.dim(1), kCache.dim(2));
        offsets("attentionPaged", offsets);
        long sequences = offsets.dim(0) - 1;
        rank("attentionPaged", "blockTable", blockTable, 2);
        matrix("attentionPaged", "blockTable", blockTable, DType.I32, sequences, blockTable.dim(1));
        vector("attentionPaged", "lengths", lengths, DType.I32, sequences);
    }

    public void cacheWrite(Tensor k, Tensor v, Tensor slots, Tensor kCache, Tensor vCache) {
        floats("cacheWrite", "k", k);
        rank("cacheWrite", "k", k, 3);
        heads("cacheWrite", "v", v, k, k.dim(1));
        vector("cacheWrite", "slots", slots, DType.I32, k.dim(0));
        caches("cacheWrite", kCache, vCache, k);
        if (kCache.dim(2) != k.dim(1)) {
            throw refuse("cacheWrite", "kCache", kCache, k.dim(1) + " kvHeads");
        }
    }

    /** @param op swiglu or geglu, forward */
    public void gatedForward(String op, Tensor gateUp, Tensor out) {
        floats(op, "out", out);
        rank(op, "out", out, 2);
        matrix(op, "out", out, out.dtype(), out.dim(0), out.dim(1));
        matrix(op, "gateUp", gateUp, out.dtype(), out.dim(0), 2 * out.dim(1));
    }

    /** @param op swiglu or geglu, backward */
    public void gatedBackward(String op, Tensor gateUp, Tensor dOut, Tensor dGateUp, @Nullable Tensor out) {
        floats(op, "dOut", dOut);
        rank(op, "dOut", dOut, 2);
        matrix(op, "dOut", dOut, dOut.dtype(), dOut.dim(0), dOut.dim(1));
        matrix(op, "gateUp", gateUp, dOut.dtype(), dOut.dim(0), 2 * dOut.dim(1));
        matrix(op, "dGateUp", dGateUp, dOut.dtype(), dOut.dim(0), 2 * dOut.dim(1));
        if (out != null) {
            matrix(op, "out", out, dOut.dtype(), dOut.dim(0), dOut.dim(1));
        }
    }

    public void convert(Tensor x, Tensor out) {
        floats("convert", "x", x);
        floats("convert", "out", out);
        flat("convert", "x", x, x.dtype(), x.size());
        flat("convert", "out", out, out.dtype(), x.size());
    }

    public void scale(Tensor x, Tensor out) {
        floats("scale", "x", x);
        flat("scale", "x", x, x.dtype(), x.size());
        flat("scale", "out", out, x.dtype(), x.size());
    }

    public void split(Tensor x, Tensor upper, @Nullable Tensor rest) {
        halves("split", x, upper, rest);
    }

    public void join(Tensor upper, Tensor rest, Tensor x) {
        halves("join", x, upper, rest);
    }

    private void halves(String op, Tensor x, Tensor upper, @Nullable Tensor rest) {
        flat(op, "x", x, DType.F32, x.size());
        flat(op, "upper", upper, DType.BF16, x.size());
        if (rest != null) {
            flat(op, "rest", rest, DType.I16, x.size());
        }
    }

    public void softcap(Tensor x) {
        flat("softcap", "x", x, DType.F32, x.size());
    }

    public void add(Tensor a, Tensor b, Tensor out) {
        floats("add", "a", a);
        flat("add", "a", a, a.dtype(), a.size());
        flat("add", "b", b, a.dtype(), a.size());
        flat("add", "out", out, a.dtype(), a.size());
    }

    public void linearLogprobs(
            Tensor x, Tensor weight, int[] targets, Tensor workspace, Tensor logprobs, @Nullable Tensor entropies) {
        classifier("linearLogprobs", x, weight, targets, workspace, logprobs, entropies);
    }

    public void linearCrossEntropy(
            Tensor x,
            Tensor weight,
            int[] targets,
            Tensor coefficients,
            @Nullable Tensor bonuses,
            Tensor workspace,
            Tensor logprobs,
            @Nullable Tensor entropies,
            Tensor dX,
            @Nullable Tensor dWeight) {
        classifier("linearCrossEntropy", x, weight, targets, workspace, logprobs, entropies);
        vector("linearCrossEntropy", "coefficients", coefficients, DType.F32, x.dim(0));
        if (bonuses != null) {
            vector("linearCrossEntropy", "bonuses", bonuses, DType.F32, x.dim(0));
        }
        matrix("linearCrossEntropy", "dX", dX, x.dtype(), x.dim(0), x.dim(1));
        if (dWeight != null) {
            matrix("linearCrossEntropy", "dWeight", dWeight, DType.F32, weight.dim(0), weight.dim(1));
        }
    }

    private void classifier(
            String op,
            Tensor x,
            Tensor weight,
            int[] targets,
            Tensor workspace,
            Tensor logprobs,
            @Nullable Tensor entropies) {
        floats(op, "x", x);
        rank(op, "x", x, 2);
        rank(op, "weight", weight, 2);
        rank(op, "workspace", workspace, 2);
        long tokens = x.dim(0);
        matrix(op, "x", x, x.dtype(), tokens, x.dim(1));
        matrix(op, "weight", weight, x.dtype(), weight.dim(0), x.dim(1));
        matrix(op, "workspace", workspace, DType.F32, Math.max(1, workspace.dim(0)), weight.dim(0));
        if (targets.length != tokens) {
            throw new IllegalArgumentException(op + ": " + targets.length + " targets for " + tokens + " tokens");
        }
        for (int t = 0; t < targets.length; t++) {
            if (targets[t] >= weight.dim(0)) {
                throw new IllegalArgumentException(op + ": target " + targets[t] + " of token " + t
                        + " is outside the vocabulary of " + weight.dim(0));
            }
        }
        vector(op, "logprobs", logprobs, DType.F32, tokens);
        if (entropies != null) {
            vector(op, "entropies", entropies, DType.F32, tokens);
        }
    }

    public void globalNorm(Tensor gradient, Tensor norm) {
        flat("globalNorm", "gradient", gradient, DType.F32, gradient.size());
        vector("globalNorm", "norm", norm, DType.F32, 1);
    }

    public void adamw(
            Tensor parameter,
            @Nullable Tensor rest,
            Tensor m,
            Tensor v,
            Tensor gradient,
            @Nullable Tensor norm,
            long step) {
        long size = updated("adamw", parameter, rest, gradient, norm, step);
        flat("adamw", "m", m, DType.F32, size);
        flat("adamw", "v", v, DType.F32, size);
    }

    public void adamw8bit(
            Tensor parameter,
            @Nullable Tensor rest,
            EightBitMoments moments,
            Tensor gradient,
            @Nullable Tensor norm,
            long step) {
        long size = updated("adamw8bit", parameter, rest, gradient, norm, step);
        flat("adamw8bit", "m", moments.m(), DType.U8, size);
        flat("adamw8bit", "v", moments.v(), DType.U8, size);
        vector("adamw8bit", "mAbsmax", moments.mAbsmax(), DType.F32, EightBitMoments.blocks(size));
        vector("adamw8bit", "vAbsmax", moments.vAbsmax(), DType.F32, EightBitMoments.blocks(size));
        vector("adamw8bit", "maps", moments.maps(), DType.F32, 2L * DynamicMap.SIZE);
    }

    /** What both steps ask but of moments; returns the elements there are. */
    private long updated(
            String op, Tensor parameter, @Nullable Tensor rest, Tensor gradient, @Nullable Tensor norm, long step) {
        floats(op, "parameter", parameter);
        long size = parameter.size();
        flat(op, "parameter", parameter, parameter.dtype(), size);
        if ((rest == null) != (parameter.dtype() == DType.F32)) {
            throw refuse(op, "parameter", parameter, rest == null ? "F32 without a rest" : "BF16 with one");
        }
        if (rest != null) {
            flat(op, "rest", rest, DType.I16, size);
        }
        flat(op, "gradient", gradient, DType.F32, size);
        if (norm != null) {
            vector(op, "norm", norm, DType.F32, 1);
        }
        if (step < 1) {
            throw new IllegalArgumentException(op + ": step is " + step + ", it counts from 1");
        }
        return size;
    }

    public void sample(
            Tensor logits,
            Tensor temperatures,
            Tensor topKs,
            Tensor topPs,
            Tensor minPs,
            Tensor seeds,
            Tensor tokens,
            Tensor logprobs) {
        rank("sample", "logits", logits, 2);
        long rows = logits.dim(0);
        matrix("sample", "logits", logits, DType.F32, rows, Math.max(1, logits.dim(1)));
        vector("sample", "temperatures", temperatures, DType.F32, rows);
        vector("sample", "topKs", topKs, DType.I32, rows);
        vector("sample", "topPs", topPs, DType.F32, rows);
        vector("sample", "minPs", minPs, DType.F32, rows);
        vector("sample", "seeds", seeds, DType.I64, rows);
        vector("sample", "tokens", tokens, DType.I32, rows);
        vector("sample", "logprobs", logprobs, DType.F32, rows);
    }

    // ---- shapes ----------------------------------------------------------------------------------------------------

    private void vector(String op, String name, Tensor tensor, DType dtype, long size) {
        here(op, name, tensor);
        if (tensor.dtype() != dtype || tensor.rank() != 1 || tensor.dim(0) != size || !tensor.isContiguous()) {
            throw refuse(op, name, tensor, dtype + "[" + size + "], contiguous");
        }
    }

    private void matrix(String op, String name, Tensor tensor, DType dtype, long rows, long columns) {
        spacedMatrix(op, name, tensor, dtype, rows, columns);
        if (!tensor.isContiguous()) {
            throw refuse(op, name, tensor, dtype + "[" + rows + ", " + columns + "], contiguous");
        }
    }

    private void spacedMatrix(String op, String name, Tensor tensor, DType dtype, long rows, long columns) {
        here(op, name, tensor);
        if (tensor.dtype() != dtype || tensor.rank() != 2 || tensor.dim(0) != rows || tensor.dim(1) != columns) {
            throw refuse(op, name, tensor, dtype + "[" + rows + ", " + columns + "]");
        }
    }

    private void flat(String op, String name, Tensor tensor, DType dtype, long size) {
        here(op, name, tensor);
        if (tensor.dtype() != dtype || tensor.size() != size || !tensor.isContiguous()) {
            throw refuse(op, name, tensor, dtype + " with " + size + " elements, contiguous");
        }
    }

    /** {@code [tokens, count, headDim]}, tokens, headDim and type those of {@code q}; rows may be spaced. */
    private void heads(String op, String name, Tensor tensor, Tensor q, long count) {
        here(op, name, tensor);
        if (tensor.dtype() != q.dtype()
                || tensor.rank() != 3
                || tensor.dim(0) != q.dim(0)
                || tensor.dim(1) != count
                || tensor.dim(2) != q.dim(2)) {
            throw refuse(op, name, tensor, q.dtype() + "[" + q.dim(0) + ", " + count + ", " + q.dim(2) + "]");
        }
    }

    private void caches(String op, Tensor kCache, Tensor vCache, Tensor q) {
        rank(op, "kCache", kCache, 4);
        here(op, "kCache", kCache);
        if (kCache.dtype() != q.dtype() || kCache.dim(3) != q.dim(2) || !kCache.isContiguous()) {
            throw refuse(
                    op, "kCache", kCache, q.dtype() + "[blocks, blockSize, kvHeads, " + q.dim(2) + "], contiguous");
        }
        like(op, "vCache", vCache, kCache);
    }

    private void grouped(String op, long heads, long kvHeads) {
        if (kvHeads < 1 || heads % kvHeads != 0) {
            throw new IllegalArgumentException(
                    op + ": " + heads + " heads cannot share " + kvHeads + " kvHeads evenly");
        }
    }

    private void offsets(String op, Tensor offsets) {
        here(op, "offsets", offsets);
        if (offsets.dtype() != DType.I32 || offsets.rank() != 1 || offsets.dim(0) < 2 || !offsets.isContiguous()) {
            throw refuse(op, "offsets", offsets, "I32[sequences + 1], contiguous");
        }
    }

    private void like(String op, String name, Tensor tensor, Tensor model) {
        here(op, name, tensor);
        boolean same = tensor.dtype() == model.dtype()
                && tensor.rank() == model.rank()
                && tensor.rowStride() == model.rowStride();
        for (int i = 0; same && i < model.rank(); i++) {
            same = tensor.dim(i) == model.dim(i);
        }
        if (!same) {
            throw refuse(op, name, tensor, model + " with row stride " + model.rowStride());
        }
    }

    private void floats(String op, String name, Tensor tensor) {
        here(op, name, tensor);
        if (tensor.dtype() != DType.F32 && tensor.dtype() != DType.BF16) {
            throw refuse(op, name, tensor, "F32 or BF16");
        }
    }

    private void rank(String op, String name, Tensor tensor, int rank) {
        if (tensor.rank() != rank) {
            throw refuse(op, name, tensor, rank + " dimensions");
        }
    }

    private void here(String op, String name, Tensor tensor) {
        if (tensor.device() != device) {
            throw refuse(op, name, tensor, "a tensor of this " + device.name() + " device");
        }
    }

    private static IllegalArgumentException refuse(String op, String name, Tensor tensor, String expected) {
        return new IllegalArgumentException(op + ": " + name + " is " + tensor + ", expected " + expected);
    }
}
