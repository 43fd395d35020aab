package dev.hone.kernels.nd4j;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import dev.hone.kernels.Arena;
import dev.hone.kernels.BFloat16;
import dev.hone.kernels.Checks;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.DeviceOutOfMemory;
import dev.hone.kernels.EightBitMoments;
import dev.hone.kernels.Float16;
import dev.hone.kernels.HostFloat;
import dev.hone.kernels.Nf4;
import dev.hone.kernels.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.ShortPointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.api.memory.pointers.PagedPointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The reference device: every operation as plain ND4J array math, close to its formula, in fp32 only (ND4J's bfloat16
 * is wrong). It is the oracle of the tests and what runs where there is no C++ compiler; correct and slow.
 */
public final class Nd4jDevice implements Device {

    /** Added to the logits of positions a query must not see; its exponential is zero. */
    private static final float HIDDEN = -1e30f;

    private static final long LOGITS = 16 << 20;

    private static final int NORM_BLOCK = 4096;
    private static final double GELU_CUBIC = 0.044715;

    /** Temporaries live in one reused block: ND4J would otherwise wait for the garbage collector to free them. */
    private static final WorkspaceConfiguration TEMPORARIES = WorkspaceConfiguration.builder()
            .policyLearning(LearningPolicy.OVER_TIME)
            .policySpill(SpillPolicy.REALLOCATE)
            .build();

    private final HostArrays arrays;
    private final Checks checks = new Checks(this);
    private final Map<Long, Pointer> blocks = new ConcurrentHashMap<>();

    /** @throws IllegalStateException where ND4J would compute on a GPU that its CUDA backend has no code for */
    public Nd4jDevice() {
        this(Nd4jCuda.takesOver());
    }

    /** @param copying whether the memory of tensors is copied to arrays and back: see {@link HostArrays} */
    Nd4jDevice(boolean copying) {
        this.arrays = new HostArrays(copying);
        Nd4j.getMemoryManager().togglePeriodicGc(false);
    }

    @Override
    public String name() {
        return "nd4j";
    }

    @Override
    public long logitRows(long width, long vocabulary) {
        return Math.max(16, LOGITS / vocabulary);
    }

    @Override
    public String description() {
        return "ND4J " + Nd4j.getBackend().getClass().getSimpleName() + ", the fp32 reference";
    }

    @Override
    public boolean computes(DType dtype) {
        return dtype == DType.F32;
    }

    @Override
    public Arena arena(long bytes) {
        Pointer block = Pointer.malloc(bytes + Arena.ALIGNMENT);
        if (block == null || block.isNull()) {
            throw new DeviceOutOfMemory("The nd4j device is out of memory: cannot allocate " + bytes + " bytes");
        }
        long address = (block.address() + Arena.ALIGNMENT - 1) / Arena.ALIGNMENT * Arena.ALIGNMENT;
        blocks.put(address, block);
        return new Arena(this, address, bytes);
    }

    @Override
    public void release(long address) {
        Pointer block = blocks.remove(address);
        if (block == null) {
            throw new IllegalArgumentException("release: no block starts at address " + address);
        }
        Pointer.free(block);
    }

    /** Memory belongs to arenas: nothing to do. */
    @Override
    public void close() {}

    // ---- memory --------------------------------------------------------------------------------------------------

    @Override
    public void zero(Tensor to) {
        checks.contiguous("zero", to);
        Pointer.memset(memory(to), 0, to.bytes());
    }

    @Override
    public void copy(Tensor from, Tensor to) {
        checks.copy(from, to);
        Pointer.memmove(memory(to), memory(from), to.bytes());
    }

    @Override
    public void write(float[] from, Tensor to) {
        checks.host("write", to, DType.F32, from.length);
        new FloatPointer(memory(to)).put(from, 0, from.length);
    }

    @Override
    public void write(int[] from, Tensor to) {
        checks.host("write", to, DType.I32, from.length);
        new IntPointer(memory(to)).put(from, 0, from.length);
    }

    @Override
    public void write(long[] from, Tensor to) {
        checks.host("write", to, DType.I64, from.length);
        new LongPointer(memory(to)).put(from, 0, from.length);
    }

    @Override
    public void write(ByteBuffer from, Tensor to) {
        checks.bytes("write", to, from.remaining());
        Pointer.memcpy(memory(to), memory(from), from.remaining());
    }

    @Override
    public void write(ByteBuffer from, HostFloat type, Tensor to) {
        checks.numbers("write", to, type, from.remaining());
        ByteBuffer numbers = from.duplicate().order(ByteOrder.nativeOrder());
        FloatPointer wide = new FloatPointer(memory(to));
        ShortPointer narrow = new ShortPointer(memory(to));
        for (long i = 0; i < to.size(); i++) {
            float value =
                    switch (type) {
                        case F32 -> numbers.getFloat();
                        case BF16 -> BFloat16.value(numbers.getShort());
                        case F16 -> Float16.value(numbers.getShort());
                    };
            if (to.dtype() == DType.F32) {
                wide.put(i, value);
            } else {
                narrow.put(i, BFloat16.bits(value));
            }
        }
    }

    @Override
    public void read(Tensor from, float[] to) {
        checks.host("read", from, DType.F32, to.length);
        new FloatPointer(memory(from)).get(to, 0, to.length);
    }

    @Override
    public void read(Tensor from, int[] to) {
        checks.host("read", from, DType.I32, to.length);
        new IntPointer(memory(from)).get(to, 0, to.length);
    }

    @Override
    public void read(Tensor from, ByteBuffer to) {
        checks.bytes("read", from, to.remaining());
        Pointer.memcpy(memory(to), memory(from), to.remaining());
    }

    /** Operations are done when they return: the numbers are there already. */
    @Override
    public Arrival readLater(Tensor from) {
        checks.readLater(from);
        ByteBuffer numbers =
                ByteBuffer.allocateDirect(Math.toIntExact(from.bytes())).order(ByteOrder.nativeOrder());
        read(from, numbers);
        return new Arrival() {
            @Override
            public void await(int[] to) {
                numbers.asIntBuffer().get(to);
            }

            @Override
            public void await(float[] to) {
                numbers.asFloatBuffer().get(to);
            }

            @Override
            public void close() {}
        };
    }

    private Pointer memory(Tensor tensor) {
        arrays.refresh();
        return new PagedPointer(tensor.address());
    }

    private static Pointer memory(ByteBuffer buffer) {
        if (!buffer.isDirect()) {
            throw new IllegalArgumentException("The buffer lies in the Java heap, a direct one is needed");
        }
        return new BytePointer(buffer.slice());
    }

    @Override
    public void synchronize() {}

    // ---- operations ------------------------------------------------------------------------------------------------

    @Override
    public void matmul(
            Tensor a,
            boolean transposeA,
            Tensor b,
            boolean transposeB,
            @Nullable Tensor bias,
            Tensor c,
            boolean accumulate) {
        checks.matmul(a, transposeA, b, transposeB, bias, c);
        try (HostArrays.Scope temporaries = temporaries()) {
            INDArray left = transposeA ? array(a).transpose() : array(a);
            INDArray right = transposeB ? array(b).transpose() : array(b);
            INDArray product = left.mmul(right);
            if (bias != null) {
                product = product.add(row(bias));
            }
            store(product, c, accumulate);
        }
    }

    @Override
    public void sumRows(Tensor x, Tensor out, boolean accumulate) {
        checks.sumRows(x, out);
        try (HostArrays.Scope temporaries = temporaries()) {
            store(array(x).sum(0), out, accumulate);
        }
    }

    @Override
    public void nf4Dequantize(Nf4 weight, long from, Tensor out) {
        checks.nf4Dequantize(weight, from, out);
        new FloatPointer(memory(out)).put(dequantized(weight, from * weight.columns(), (int) out.size()));
    }

    @Override
    public void nf4Matmul(
            Tensor a, Nf4 weight, boolean transpose, @Nullable Tensor bias, Tensor c, boolean accumulate) {
        checks.nf4Matmul(a, weight, transpose, bias, c);
        try (HostArrays.Scope temporaries = temporaries()) {
            INDArray whole = Nd4j.createFromArray(dequantized(weight, 0, (int) weight.size()))
                    .reshape(weight.rows(), weight.columns());
            INDArray product = array(a).mmul(transpose ? whole.transpose() : whole);
            store(bias == null ? product : product.add(row(bias)), c, accumulate);
        }
    }

    private float[] dequantized(Nf4 weight, long begin, int count) {
        BytePointer codes = new BytePointer(memory(weight.codes()));
        BytePointer absmax = new BytePointer(memory(weight.absmax()));
        FloatPointer scales = new FloatPointer(memory(weight.scales()));
        FloatPointer table = new FloatPointer(memory(weight.table()));
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            long element = begin + i;
            long block = element / Nf4.BLOCK;
            float scale = table.get(16 + (absmax.get(block) & 255)) * scales.get(1 + block / Nf4.GROUP) + scales.get(0);
            int pair = codes.get(element / 2) & 255;
            values[i] = table.get(element % 2 == 0 ? pair >> 4 : pair & 15) * scale;
        }
        return values;
    }

    @Override
    public void doraNorms(Tensor weight, Tensor a, Tensor b, float scale, Tensor norms) {
        checks.doraNorms(weight, a, b, norms);
        try (HostArrays.Scope temporaries = temporaries()) {
            array(norms)
                    .assign(array(b).mmul(array(a))
                            .mul(scale)
                            .add(array(weight))
                            .norm2(1));
        }
    }

    @Override
    public void doraForward(Tensor magnitude, Tensor norms, @Nullable Tensor bias, Tensor z, Tensor y) {
        checks.doraForward(magnitude, norms, bias, z, y);
        try (HostArrays.Scope temporaries = temporaries()) {
            INDArray share = row(magnitude).div(row(norms));
            INDArray scaled = bias == null
                    ? array(z).mul(share)
                    : array(z).sub(row(bias)).mul(share).add(row(bias));
            array(y).assign(scaled);
        }
    }

    @Override
    public void doraBackward(Tensor magnitude, Tensor norms, Tensor z, Tensor dY, Tensor dMagnitude) {
        checks.doraBackward(magnitude, norms, z, dY, dMagnitude);
        try (HostArrays.Scope temporaries = temporaries()) {
            store(array(dY).mul(array(z)).sum(0).div(array(norms)), dMagnitude, true);
            array(z).assign(array(dY).mul(row(magnitude).div(row(norms))));
        }
    }

    @Override
    public void take(Tensor x, Tensor places, Tensor out) {
        checks.take(x, places, out);
        int[] from = ints(x);
        int[] rows = ints(places);
        int[] values = ints(out);
        for (int i = 0; i < rows.length; i++) {
            values[i] = rows[i] < 0 ? values[i] : from[rows[i]];
        }
        write(values, out);
    }

    @Override
    public void embeddingForward(Tensor ids, Tensor table, Tensor out) {
        checks.embeddingForward(ids, table, out);
        try (HostArrays.Scope temporaries = temporaries()) {
            array(out).assign(array(table).getRows(ints(ids)));
        }
    }

    @Override
    public void embeddingBackward(Tensor ids, Tensor dOut, Tensor dTable) {
        checks.embeddingBackward(ids, dOut, dTable);
        int[] rows = ints(ids);
        try (HostArrays.Scope temporaries = temporaries()) {
            INDArray gradient = array(dOut);
            INDArray table = array(dTable);
            for (int t = 0; t < rows.length; t++) {
                table.getRow(rows[t]).addi(gradient.getRow(t));
            }
        }
    }

    @Override
    public void rmsnormForward(
            Tensor x,
            @Nullable Tensor residual,
            Tensor weight,
            float epsilon,
            float offset,
            @Nullable Tensor sum,
            Tensor out,
            Tensor rstd) {
        checks.rmsnormForward(x, residual, weight, sum, out, rstd);
        try (HostArrays.Scope temporaries = temporaries()) {
            INDArray total = array(x);
            if (residual != null && sum != null) {
                total = total.add(array(residual));
                array(sum).assign(total);
            }
            INDArray meanSquare = total.mul(total).mean(true, 1);
            INDArray inverse = Transforms.sqrt(meanSquare.add(epsilon)).rdiv(1);
            INDArray normed = total.mul(inverse).mul(row(weight).add(offset));
            column(rstd).assign(inverse);
            array(out).assign(normed);
        }
    }

    @Override
    public void rmsnormBackward(
            Tensor x,
            Tensor weight,
            float offset,
            Tensor rstd,
            Tensor dOut,
            @Nullable Tensor dSum,
            Tensor dX,
            Tensor dWeight,
            @Nullable Tensor out) {
        checks.rmsnormBackward(x, weight, rstd, dOut, dSum, dX, dWeight, out);
        try (HostArrays.Scope temporaries = temporaries()) {
            INDArray normed = array(x).mul(column(rstd));
            INDArray factor = row(weight).add(offset);
            INDArray gradient = normGradient(normed, array(dOut).mul(factor), column(rstd));
            if (dSum != null) {
                gradient = gradient.add(array(dSum));
            }
            array(dWeight).addi(array(dOut).mul(normed).sum(0));
            array(dX).assign(gradient);
            if (out != null) {
                array(out).assign(normed.mul(factor));
            }
        }
    }

    /** From {@code normed = x rstd} and its gradient to the gradient of x, all {@code [rows, width]}. */
    private static INDArray normGradient(INDArray normed, INDArray dNormed, INDArray rstd) {
        INDArray along = dNormed.mul(normed).mean(true, 1);
        return dNormed.sub(normed.mul(along)).mul(rstd);
    }

    @Override
    public void headnormForward(Tensor x, Tensor weight, float epsilon, float offset, Tensor out, Tensor rstd) {
        checks.headnormForward(x, weight, out, rstd);
        for (int h = 0; h < x.dim(1); h++) {
            try (HostArrays.Scope temporaries = temporaries()) {
                INDArray head = head(x, h);
                INDArray inverse = Transforms.sqrt(head.mul(head).mean(true, 1).add(epsilon))
                        .rdiv(1);
                array(rstd.columns(h, h + 1)).assign(inverse);
                head(out, h).assign(head.mul(inverse).mul(row(weight).add(offset)));
            }
        }
    }

    @Override
    public void headnormBackward(
            Tensor x, Tensor weight, float offset, Tensor rstd, Tensor dOut, Tensor dX, Tensor dWeight) {
        checks.headnormBackward(x, weight, rstd, dOut, dX, dWeight);
        for (int h = 0; h < x.dim(1); h++) {
            try (HostArrays.Scope temporaries = temporaries()) {
                INDArray inverse = array(rstd.columns(h, h + 1));
                INDArray normed = head(x, h).mul(inverse);
                INDArray gradient =
                        normGradient(normed, head(dOut, h).mul(row(weight).add(offset)), inverse);
                array(dWeight).addi(head(dOut, h).mul(normed).sum(0));
                head(dX, h).assign(gradient);
            }
        }
    }

    @Override
    public void rope(Tensor x, Tensor positions, Tensor cos, Tensor sin, boolean inverse) {
        checks.rope(x, positions, cos, sin);
        long tokens = x.dim(0);
        long half = cos.dim(1);
        int[] rows = ints(positions);
        try (HostArrays.Scope temporaries = temporaries()) {
            INDArray c = array(cos).getRows(rows).reshape(tokens, 1, half);
            INDArray s = array(sin).getRows(rows).reshape(tokens, 1, half);
            if (inverse) {
                s = s.neg();
            }
            INDArray first = array(x).get(all(), all(), interval(0, half));
            INDArray second = array(x).get(all(), all(), interval(half, 2 * half));
            INDArray turnedFirst = first.mul(c).sub(second.mul(s));
            INDArray turnedSecond = second.mul(c).add(first.mul(s));
            first.assign(turnedFirst);
            second.assign(turnedSecond);
        }
    }

    @Override
    public void attentionForward(
            Tensor q, Tensor k, Tensor v, Tensor offsets, AttentionForm form, Tensor out, Tensor lse) {
        checks.attentionForward(q, k, v, offsets, out, lse);
        long group = q.dim(1) / k.dim(1);
        int[] starts = ints(offsets);
        for (int s = 0; s + 1 < starts.length; s++) {
            int from = starts[s];
            int to = starts[s + 1];
            for (int h = 0; h < q.dim(1) && from < to; h++) {
                try (HostArrays.Scope temporaries = temporaries()) {
                    INDArray logSum = attend(
                            head(q.rows(from, to), h),
                            head(k.rows(from, to), h / group),
                            head(v.rows(from, to), h / group),
                            form,
                            head(out.rows(from, to), h));
                    array(lse.rows(h, h + 1).columns(from, to)).assign(logSum.reshape(1, to - from));
                }
            }
        }
    }

    /**
     * {@code out = softmax(cap(scale q k^T)) v} of one head; the queries are the last of the keys' positions.
     *
     * @param q {@code [queries, headDim]}, like {@code out}
     * @param k {@code [keys, headDim]}, like {@code v}
     * @return {@code [queries, 1]}: log of the sum of the exponentials of each query's scores
     */
    private static INDArray attend(INDArray q, INDArray k, INDArray v, AttentionForm form, INDArray out) {
        INDArray scores = scores(q, k, form).add(mask((int) q.size(0), (int) k.size(0), form.window()));
        INDArray max = scores.max(true, 1);
        INDArray exponentials = Transforms.exp(scores.sub(max));
        INDArray sum = exponentials.sum(true, 1);
        out.assign(exponentials.mmul(v).div(sum));
        return Transforms.log(sum).add(max);
    }

    /** {@code [queries, keys]}: cap(scale q k^T). */
    private static INDArray scores(INDArray q, INDArray k, AttentionForm form) {
        return cap(q.mmul(k.transpose()).mul(form.scale()), form.softcap());
    }

    @Override
    public void attentionBackward(
            Tensor q,
            Tensor k,
            Tensor v,
            Tensor offsets,
            AttentionForm form,
            Tensor out,
            Tensor lse,
            Tensor dOut,
            Tensor dQ,
            Tensor dK,
            Tensor dV) {
        checks.attentionBackward(q, k, v, offsets, out, lse, dOut, dQ, dK, dV);
        long group = q.dim(1) / k.dim(1);
        array(dK).assign(0);
        array(dV).assign(0);
        int[] starts = ints(offsets);
        for (int s = 0; s + 1 < starts.length; s++) {
            int from = starts[s];
            int to = starts[s + 1];
            for (int h = 0; h < q.dim(1) && from < to; h++) {
                try (HostArrays.Scope temporaries = temporaries()) {
                    INDArray qh = head(q.rows(from, to), h);
                    INDArray kh = head(k.rows(from, to), h / group);
                    INDArray vh = head(v.rows(from, to), h / group);
                    INDArray dOuth = head(dOut.rows(from, to), h);
                    INDArray logSum =
                            array(lse.rows(h, h + 1).columns(from, to)).reshape(to - from, 1);

                    INDArray scores = scores(qh, kh, form);
                    INDArray p = Transforms.exp(scores.add(mask(to - from, to - from, form.window()))
                            .sub(logSum));
                    INDArray dP = dOuth.mmul(vh.transpose());
                    INDArray rowDot = dOuth.mul(head(out.rows(from, to), h)).sum(true, 1);
                    INDArray dScores = p.mul(dP.sub(rowDot)).mul(form.scale()).mul(capSlope(scores, form.softcap()));

                    head(dQ.rows(from, to), h).assign(dScores.mmul(kh));
                    head(dK.rows(from, to), h / group).addi(dScores.transpose().mmul(qh));
                    head(dV.rows(from, to), h / group).addi(p.transpose().mmul(dOuth));
                }
            }
        }
    }

    @Override
    public void attentionPaged(
            Tensor q,
            Tensor kCache,
            Tensor vCache,
            Tensor blockTable,
            Tensor lengths,
            Tensor offsets,
            AttentionForm form,
            Tensor out) {
        checks.attentionPaged(q, kCache, vCache, blockTable, lengths, offsets, out);
        long group = q.dim(1) / kCache.dim(2);
        Tensor keys = slotRows(kCache);
        Tensor values = slotRows(vCache);
        int[] starts = ints(offsets);
        int[] cached = ints(lengths);
        for (int s = 0; s < cached.length; s++) {
            int from = starts[s];
            int to = starts[s + 1];
            int[] slots = slots(ints(blockTable.rows(s, s + 1)), (int) kCache.dim(1), cached[s]);
            for (int h = 0; h < q.dim(1) && from < to; h++) {
                try (HostArrays.Scope temporaries = temporaries()) {
                    attend(
                            head(q.rows(from, to), h),
                            head(keys, h / group).getRows(slots),
                            head(values, h / group).getRows(slots),
                            form,
                            head(out.rows(from, to), h));
                }
            }
        }
    }

    private static int[] slots(int[] blocks, int blockSize, int length) {
        int[] slots = new int[length];
        for (int i = 0; i < length; i++) {
            slots[i] = blocks[i / blockSize] * blockSize + i % blockSize;
        }
        return slots;
    }

    /** {@code [slots, kvHeads, headDim]}: a cache without its blocks. */
    private static Tensor slotRows(Tensor cache) {
        return cache.reshape(cache.dim(0) * cache.dim(1), cache.dim(2), cache.dim(3));
    }

    @Override
    public void cacheWrite(Tensor k, Tensor v, Tensor slots, Tensor kCache, Tensor vCache) {
        checks.cacheWrite(k, v, slots, kCache, vCache);
        scatter(k, ints(slots), kCache);
        scatter(v, ints(slots), vCache);
    }

    private void scatter(Tensor rows, int[] slots, Tensor cache) {
        INDArray from = array(rows.reshape(rows.dim(0), rows.rowSize()));
        INDArray to = array(cache.reshape(cache.dim(0) * cache.dim(1), rows.rowSize()));
        for (int t = 0; t < slots.length; t++) {
            to.getRow(slots[t]).assign(from.getRow(t));
        }
    }

    @Override
    public void swigluForward(Tensor gateUp, Tensor out) {
        checks.gatedForward("swigluForward", gateUp, out);
        long intermediate = out.dim(1);
        try (HostArrays.Scope temporaries = temporaries()) {
            INDArray gate = array(gateUp.columns(0, intermediate));
            INDArray up = array(gateUp.columns(intermediate, 2 * intermediate));
            array(out).assign(gate.mul(Transforms.sigmoid(gate)).mul(up));
        }
    }

    @Override
    public void swigluBackward(Tensor gateUp, Tensor dOut, Tensor dGateUp, @Nullable Tensor out) {
        checks.gatedBackward("swigluBackward", gateUp, dOut, dGateUp, out);
        long intermediate = dOut.dim(1);
        try (HostArrays.Scope temporaries = temporaries()) {
            INDArray gate = array(gateUp.columns(0, intermediate));
            INDArray up = array(gateUp.columns(intermediate, 2 * intermediate));
            INDArray gradient = array(dOut);
            INDArray sigmoid = Transforms.sigmoid(gate);
            INDArray silu = gate.mul(sigmoid);
            // silu' = sigmoid + silu (1 - sigmoid)
            INDArray slope = sigmoid.add(silu.mul(sigmoid.rsub(1)));
            INDArray dGate = gradient.mul(up).mul(slope);
            INDArray dUp = gradient.mul(silu);
            if (out != null) {
                array(out).assign(silu.mul(up));
            }
            array(dGateUp.columns(0, intermediate)).assign(dGate);
            array(dGateUp.columns(intermediate, 2 * intermediate)).assign(dUp);
        }
    }

    @Override
    public void gegluForward(Tensor gateUp, Tensor out) {
        checks.gatedForward("gegluForward", gateUp, out);
        long intermediate = out.dim(1);
        try (HostArrays.Scope temporaries = temporaries()) {
            INDArray gate = array(gateUp.columns(0, intermediate));
            INDArray up = array(gateUp.columns(intermediate, 2 * intermediate));
            array(out).assign(gate.mul(gaussianShare(gate)).mul(up));
        }
    }

    @Override
    public void gegluBackward(Tensor gateUp, Tensor dOut, Tensor dGateUp, @Nullable Tensor out) {
        checks.gatedBackward("gegluBackward", gateUp, dOut, dGateUp, out);
        long intermediate = dOut.dim(1);
        try (HostArrays.Scope temporaries = temporaries()) {
            INDArray gate = array(gateUp.columns(0, intermediate));
            INDArray up = array(gateUp.columns(intermediate, 2 * intermediate));
            INDArray gradient = array(dOut);
            INDArray share = gaussianShare(gate);
            // d/dg (1 + tanh u) / 2 = 2 share (1 - share) u'
            INDArray inner = gate.mul(gate).mul(3 * GELU_CUBIC).add(1).mul(Math.sqrt(2 / Math.PI));
            INDArray slope =
                    share.add(gate.mul(share).mul(share.rsub(1)).mul(inner).mul(2));
            INDArray dGate = gradient.mul(up).mul(slope);
            INDArray gelu = gate.mul(share);
            INDArray dUp = gradient.mul(gelu);
            if (out != null) {
                array(out).assign(gelu.mul(up));
            }
            array(dGateUp.columns(0, intermediate)).assign(dGate);
            array(dGateUp.columns(intermediate, 2 * intermediate)).assign(dUp);
        }
    }

    /** {@code (1 + tanh(sqrt(2 / pi) (g + 0.044715 g^3))) / 2}: what gelu takes of g. */
    private static INDArray gaussianShare(INDArray gate) {
        INDArray inner = gate.mul(gate).mul(gate).mul(GELU_CUBIC).add(gate).mul(Math.sqrt(2 / Math.PI));
        return Transforms.tanh(inner).add(1).mul(0.5);
    }

    @Override
    public void scale(Tensor x, float factor, Tensor out) {
        checks.scale(x, out);
        try (HostArrays.Scope temporaries = temporaries()) {
            flat(out).assign(flat(x).mul(factor));
        }
    }

    @Override
    public void convert(Tensor x, Tensor out) {
        checks.convert(x, out);
        flat(out).assign(flat(x));
    }

    @Override
    public void split(Tensor x, Tensor upper, @Nullable Tensor rest) {
        checks.split(x, upper, rest);
        FloatPointer from = new FloatPointer(memory(x));
        ShortPointer uppers = new ShortPointer(memory(upper));
        ShortPointer rests = rest == null ? null : new ShortPointer(memory(rest));
        for (long i = 0; i < x.size(); i++) {
            float value = from.get(i);
            uppers.put(i, BFloat16.bits(value));
            if (rests != null) {
                rests.put(i, BFloat16.rest(value));
            }
        }
    }

    @Override
    public void join(Tensor upper, Tensor rest, Tensor x) {
        checks.join(upper, rest, x);
        ShortPointer uppers = new ShortPointer(memory(upper));
        ShortPointer rests = new ShortPointer(memory(rest));
        FloatPointer to = new FloatPointer(memory(x));
        for (long i = 0; i < x.size(); i++) {
            to.put(i, BFloat16.joined(uppers.get(i), rests.get(i)));
        }
    }

    @Override
    public void softcap(Tensor x, float cap) {
        checks.softcap(x);
        try (HostArrays.Scope temporaries = temporaries()) {
            flat(x).assign(cap(flat(x), cap));
        }
    }

    @Override
    public void add(Tensor a, Tensor b, Tensor out) {
        checks.add(a, b, out);
        try (HostArrays.Scope temporaries = temporaries()) {
            array(out.reshape(out.size())).assign(array(a.reshape(a.size())).add(array(b.reshape(b.size()))));
        }
    }

    @Override
    public void linearLogprobs(
            Tensor x,
            Tensor weight,
            int[] targets,
            float logitScale,
            float softcap,
            Tensor workspace,
            Tensor logprobs,
            @Nullable Tensor entropies) {
        checks.linearLogprobs(x, weight, targets, workspace, logprobs, entropies);
        for (long from = 0; from < x.dim(0); from += workspace.dim(0)) {
            long to = Math.min(x.dim(0), from + workspace.dim(0));
            try (HostArrays.Scope temporaries = temporaries()) {
                INDArray capped = capped(x, weight, softcap, from, to);
                logProbabilities(capped, targets, logitScale, logprobs, entropies, from, to);
            }
        }
    }

    @Override
    public void linearCrossEntropy(
            Tensor x,
            Tensor weight,
            int[] targets,
            Tensor coefficients,
            @Nullable Tensor bonuses,
            float logitScale,
            float softcap,
            Tensor workspace,
            Tensor logprobs,
            @Nullable Tensor entropies,
            Tensor dX,
            @Nullable Tensor dWeight) {
        checks.linearCrossEntropy(
                x, weight, targets, coefficients, bonuses, workspace, logprobs, entropies, dX, dWeight);
        for (long from = 0; from < x.dim(0); from += workspace.dim(0)) {
            long to = Math.min(x.dim(0), from + workspace.dim(0));
            try (HostArrays.Scope temporaries = temporaries()) {
                INDArray capped = capped(x, weight, softcap, from, to);
                INDArray logP = logProbabilities(capped, targets, logitScale, logprobs, entropies, from, to);
                INDArray chosen = oneHot(targets, from, to, weight.dim(0));
                // d loss / d logits = coefficient (p - one-hot target) + bonus p (log p + entropy), zero for a token
                // left out.
                INDArray counts = chosen.sum(true, 1);
                INDArray p = Transforms.exp(logP);
                INDArray dLogits =
                        p.sub(chosen).mul(column(coefficients.rows(from, to)).mul(counts));
                if (bonuses != null) {
                    INDArray entropy = p.mul(logP).sum(true, 1).neg();
                    dLogits.addi(p.mul(logP.add(entropy))
                            .mul(column(bonuses.rows(from, to)).mul(counts)));
                }
                dLogits = dLogits.mul(logitScale).mul(capSlope(capped, softcap));
                array(dX.rows(from, to)).assign(dLogits.mmul(array(weight)));
                if (dWeight != null) {
                    array(dWeight).addi(dLogits.transpose().mmul(array(x.rows(from, to))));
                }
            }
        }
    }

    /** {@code [to - from, vocabulary]}: cap(x weight^T). */
    private INDArray capped(Tensor x, Tensor weight, float softcap, long from, long to) {
        return cap(array(x.rows(from, to)).mmul(array(weight).transpose()), softcap);
    }

    /** {@code [to - from, vocabulary]}: log softmax of the tokens' logits; fills their logprobs and entropies. */
    private INDArray logProbabilities(
            INDArray capped,
            int[] targets,
            float logitScale,
            Tensor logprobs,
            @Nullable Tensor entropies,
            long from,
            long to) {
        INDArray logits = capped.mul(logitScale);
        INDArray logP = logits.sub(logSumExp(logits));
        INDArray chosen = oneHot(targets, from, to, capped.size(1));
        column(logprobs.rows(from, to)).assign(logP.mul(chosen).sum(true, 1));
        if (entropies != null) {
            INDArray entropy = Transforms.exp(logP).mul(logP).sum(true, 1).neg();
            column(entropies.rows(from, to)).assign(entropy.mul(chosen.sum(true, 1)));
        }
        return logP;
    }

    /** {@code [to - from, vocabulary]}: 1 at each token's target; a row of zeros where the target is negative. */
    private static INDArray oneHot(int[] targets, long from, long to, long vocabulary) {
        float[] ones = new float[Math.toIntExact((to - from) * vocabulary)];
        for (long t = from; t < to; t++) {
            int target = targets[Math.toIntExact(t)];
            if (target >= 0) {
                ones[Math.toIntExact((t - from) * vocabulary + target)] = 1;
            }
        }
        return Nd4j.createFromArray(ones).reshape(to - from, vocabulary);
    }

    @Override
    public void globalNorm(Tensor gradient, Tensor norm) {
        checks.globalNorm(gradient, norm);
        // Block by block, and the blocks in double: one fp32 sum over millions of squares is off in the fourth digit.
        Tensor all = gradient.reshape(gradient.size());
        double squares = 0;
        for (long from = 0; from < all.size(); from += NORM_BLOCK) {
            try (HostArrays.Scope temporaries = temporaries()) {
                double block = array(all.rows(from, Math.min(all.size(), from + NORM_BLOCK)))
                        .norm2Number()
                        .doubleValue();
                squares += block * block;
            }
        }
        array(norm).assign(Math.sqrt(squares));
    }

    @Override
    public void adamw(
            Tensor parameter,
            @Nullable Tensor rest,
            Tensor m,
            Tensor v,
            Tensor gradient,
            @Nullable Tensor norm,
            float maxNorm,
            AdamW hyperparameters,
            long step) {
        checks.adamw(parameter, rest, m, v, gradient, norm, step);
        try (HostArrays.Scope temporaries = temporaries()) {
            INDArray first = flat(m);
            INDArray second = flat(v);
            update(flat(parameter), first, second, flat(gradient), norm, maxNorm, hyperparameters, step);
        }
    }

    /** Changes the parameter and both moments. */
    private void update(
            INDArray parameter,
            INDArray first,
            INDArray second,
            INDArray gradient,
            @Nullable Tensor norm,
            float maxNorm,
            AdamW hyperparameters,
            long step) {
        float beta1 = hyperparameters.beta1();
        float beta2 = hyperparameters.beta2();
        INDArray g = gradient;
        if (norm != null && array(norm).getFloat(0) > maxNorm) {
            g = g.mul(maxNorm / (array(norm).getFloat(0) + 1e-6f));
        }
        first.assign(first.mul(beta1).add(g.mul(1 - beta1)));
        second.assign(second.mul(beta2).add(g.mul(g).mul(1 - beta2)));
        INDArray unbiasedFirst = first.div(1 - Math.pow(beta1, step));
        INDArray unbiasedSecond = second.div(1 - Math.pow(beta2, step));
        INDArray direction = unbiasedFirst.div(Transforms.sqrt(unbiasedSecond).add(hyperparameters.epsilon()));
        INDArray decay = parameter.mul(hyperparameters.weightDecay());
        parameter.subi(direction.add(decay).mul(hyperparameters.learningRate()));
    }

    @Override
    public void adamw8bit(
            Tensor parameter,
            @Nullable Tensor rest,
            EightBitMoments moments,
            Tensor gradient,
            @Nullable Tensor norm,
            float maxNorm,
            AdamW hyperparameters,
            long step) {
        checks.adamw8bit(parameter, rest, moments, gradient, norm, step);
        float[] levels = floats(moments.maps());
        float[] signed = Arrays.copyOf(levels, levels.length / 2);
        float[] unsigned = Arrays.copyOfRange(levels, levels.length / 2, levels.length);
        float[] mean = EightBitBlocks.decode(bytes(moments.m()), floats(moments.mAbsmax()), signed);
        float[] square = EightBitBlocks.decode(bytes(moments.v()), floats(moments.vAbsmax()), unsigned);
        try (HostArrays.Scope temporaries = temporaries()) {
            INDArray first = Nd4j.createFromArray(mean);
            INDArray second = Nd4j.createFromArray(square);
            update(flat(parameter), first, second, flat(gradient), norm, maxNorm, hyperparameters, step);
            mean = first.toFloatVector();
            square = second.toFloatVector();
        }
        encode(mean, signed, 0, moments.m(), moments.mAbsmax());
        encode(square, unsigned, 1, moments.v(), moments.vAbsmax());
    }

    private void encode(float[] values, float[] levels, int least, Tensor codes, Tensor absmax) {
        byte[] encoded = new byte[values.length];
        float[] largest = new float[(int) absmax.size()];
        EightBitBlocks.encode(values, levels, least, encoded, largest);
        new BytePointer(memory(codes)).put(encoded, 0, encoded.length);
        write(largest, absmax);
    }

    @Override
    public void sample(
            Tensor logits,
            Tensor temperatures,
            Tensor topKs,
            Tensor topPs,
            Tensor minPs,
            Tensor seeds,
            Tensor tokens,
            Tensor logprobs) {
        checks.sample(logits, temperatures, topKs, topPs, minPs, seeds, tokens, logprobs);
        int rows = (int) logits.dim(0);
        int[] topK = ints(topKs);
        float[] temperature = floats(temperatures);
        float[] topP = floats(topPs);
        float[] minP = floats(minPs);
        LongPointer seed = new LongPointer(memory(seeds));
        int[] drawn = new int[rows];
        float[] drawnLogprobs = new float[rows];
        for (int r = 0; r < rows; r++) {
            Sampler.Draw draw =
                    Sampler.draw(floats(logits.rows(r, r + 1)), temperature[r], topK[r], topP[r], minP[r], seed.get(r));
            drawn[r] = draw.token();
            drawnLogprobs[r] = draw.logprob();
        }
        write(drawn, tokens);
        write(drawnLogprobs, logprobs);
    }

    // ---- array math ------------------------------------------------------------------------------------------------

    private HostArrays.Scope temporaries() {
        arrays.settle();
        return arrays.scope(Nd4j.getWorkspaceManager().getAndActivateWorkspace(TEMPORARIES, "hone-nd4j"));
    }

    private INDArray array(Tensor tensor) {
        return arrays.array(tensor);
    }

    private void store(INDArray result, Tensor to, boolean accumulate) {
        if (accumulate) {
            array(to).addi(result);
        } else {
            array(to).assign(result);
        }
    }

    /** {@code [1, n]}, to be broadcast over rows. */
    private INDArray row(Tensor vector) {
        return array(vector.reshape(1, vector.size()));
    }

    /** {@code [n, 1]}, to be broadcast over columns. */
    private INDArray column(Tensor vector) {
        return array(vector.reshape(vector.size(), 1));
    }

    private INDArray flat(Tensor tensor) {
        return array(tensor.reshape(tensor.size()));
    }

    /** {@code [tokens, headDim]}: one head of {@code [tokens, heads, headDim]}. */
    private INDArray head(Tensor heads, long h) {
        long headDim = heads.dim(2);
        return array(heads.reshape(heads.dim(0), heads.rowSize()).columns(h * headDim, (h + 1) * headDim));
    }

    /** {@code [rows, 1]}: log of the sum of the exponentials of each row. */
    private static INDArray logSumExp(INDArray x) {
        INDArray max = x.max(true, 1);
        return Transforms.log(Transforms.exp(x.sub(max)).sum(true, 1)).add(max);
    }

    private static INDArray cap(INDArray x, float cap) {
        return cap == 0 ? x : Transforms.tanh(x.div(cap)).mul(cap);
    }

    /** The slope of {@link #cap} where it gave {@code capped}. */
    private static INDArray capSlope(INDArray capped, float cap) {
        INDArray share = capped.mul(cap == 0 ? 0 : 1 / cap);
        return share.mul(share).rsub(1);
    }

    /**
     * {@code [queries, keys]}: 0 where a query may look, else {@link #HIDDEN}. The last query sees the last key; each sees
     * {@code window} keys, or with 0 all before it.
     */
    private static INDArray mask(int queries, int keys, int window) {
        float[] mask = new float[queries * keys];
        for (int i = 0; i < queries; i++) {
            int position = keys - queries + i;
            for (int j = 0; j < keys; j++) {
                if (j > position || (window > 0 && j <= position - window)) {
                    mask[i * keys + j] = HIDDEN;
                }
            }
        }
        return Nd4j.createFromArray(mask).reshape(queries, keys);
    }

    private float[] floats(Tensor tensor) {
        float[] values = new float[(int) tensor.size()];
        new FloatPointer(memory(tensor)).get(values, 0, values.length);
        return values;
    }

    private byte[] bytes(Tensor tensor) {
        byte[] values = new byte[(int) tensor.size()];
        new BytePointer(memory(tensor)).get(values, 0, values.length);
        return values;
    }

    private int[] ints(Tensor tensor) {
        int[] values = new int[(int) tensor.size()];
        new IntPointer(memory(tensor)).get(values, 0, values.length);
        return values;
    }
}
