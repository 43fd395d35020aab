package dev.hone.kernels.nativ;

import dev.hone.kernels.Arena;
import dev.hone.kernels.Checks;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.DeviceFault;
import dev.hone.kernels.DeviceOutOfMemory;
import dev.hone.kernels.EightBitMoments;
import dev.hone.kernels.HostFloat;
import dev.hone.kernels.Nf4;
import dev.hone.kernels.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.jspecify.annotations.Nullable;

/**
 * A device whose operations are those of a native library, {@code libhone_cpu} or {@code libhone_cuda}. It checks what
 * it is given, hands addresses over and allocates nothing on the way.
 */
public final class NativeDevice implements Device {

    private final String name;
    private final Kernels kernels;
    private final String description;
    private final HostStaging staging;
    private final Checks checks = new Checks(this);

    private NativeDevice(String name, Kernels kernels) {
        this.name = name;
        this.kernels = kernels;
        this.description = kernels.description().getString();
        this.staging = new HostStaging(kernels);
    }

    /**
     * Opens the {@code cpu} device.
     *
     * @param threads how many threads to use; 0 for one a core
     * @throws IOException when this build or this machine has no library for it; the message says which
     */
    public static NativeDevice cpu(int threads) throws IOException {
        return open("cpu", NativeLibraries.find("hone_cpu"), 0, threads);
    }

    /**
     * Opens the {@code cuda} device on the first GPU that the driver shows this process (CUDA_VISIBLE_DEVICES chooses); or
     * on another, where the system property {@code hone.gpu} says which, counted round and round from 0.
     *
     * <p>The system property {@code hone.cuda.library} names the file of another libhone_cuda, the emulated one of the tests:
     * no driver is asked then.
     *
     * @throws IOException when this build has no library for it, or this machine lacks a GPU, its driver or cuBLASLt; the
     *     message says which
     */
    public static NativeDevice cuda() throws IOException {
        String emulated = System.getProperty("hone.cuda.library");
        if (emulated != null) {
            return open("cuda", Path.of(emulated), 0, 0);
        }
        int gpus = 1;
        if (NvidiaDriver.isBuilt()) {
            // Says why there is no GPU, also where the library is missing too.
            gpus = Math.max(1, NvidiaDriver.list().gpus().size());
        }
        if (!NativeLibraries.exists("hone_cuda")) {
            throw new IOException(
                    "this build of hone has no libhone_cuda, which needs a CUDA toolkit; docs/cuda.md says how"
                            + " to get one without root, then build again");
        }
        return open("cuda", NativeLibraries.find("hone_cuda"), Integer.getInteger("hone.gpu", 0) % gpus, 0);
    }

    private static NativeDevice open(String name, Path library, int index, int threads) throws IOException {
        try {
            NativeLibraries.loadBinding();
            return new NativeDevice(name, KernelLibrary.open_library(library.toString(), index, threads));
        } catch (LinkageError e) {
            throw new IOException("the native library does not load: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            // The device's own sentence, or the loader's.
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public long logitRows(long width, long vocabulary) {
        return kernels.logit_rows(width, vocabulary);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public Arena arena(long bytes) {
        try {
            return new Arena(this, kernels._allocate(bytes), bytes);
        } catch (RuntimeException e) {
            if (DeviceFault.is(e)) {
                throw e;
            }
            DeviceOutOfMemory error = new DeviceOutOfMemory("The " + name + " device is " + e.getMessage());
            error.initCause(e);
            throw error;
        }
    }

    @Override
    public long freeMemory() {
        return kernels.free_memory();
    }

    @Override
    public void release(long address) {
        kernels.release(address);
    }

    /** Memory belongs to arenas and the library stays open for the life of the process: nothing to do. */
    @Override
    public void close() {}

    // ---- memory --------------------------------------------------------------------------------------------------

    @Override
    public void zero(Tensor to) {
        checks.contiguous("zero", to);
        kernels._zero(to.address(), to.bytes());
    }

    @Override
    public void copy(Tensor from, Tensor to) {
        checks.copy(from, to);
        kernels.copy(to.address(), from.address(), to.bytes());
    }

    @Override
    public void write(float[] from, Tensor to) {
        checks.hostFloats("write", to, from.length);
        staging.write(from, to.dtype(), to.address());
    }

    @Override
    public void write(int[] from, Tensor to) {
        checks.host("write", to, DType.I32, from.length);
        staging.write(from, to.address());
    }

    @Override
    public void write(long[] from, Tensor to) {
        checks.host("write", to, DType.I64, from.length);
        staging.write(from, to.address());
    }

    @Override
    public void write(ByteBuffer from, Tensor to) {
        checks.bytes("write", to, from.remaining());
        kernels.copy_from_host(to.address(), address(from), from.remaining());
    }

    @Override
    public void write(ByteBuffer from, HostFloat type, Tensor to) {
        checks.numbers("write", to, type, from.remaining());
        kernels.convert_from_host(type.code(), to.dtype().code(), to.size(), address(from), to.address());
    }

    @Override
    public void read(Tensor from, float[] to) {
        checks.hostFloats("read", from, to.length);
        staging.read(from.dtype(), from.address(), to);
    }

    @Override
    public void read(Tensor from, int[] to) {
        checks.host("read", from, DType.I32, to.length);
        staging.read(from.address(), to);
    }

    @Override
    public void read(Tensor from, ByteBuffer to) {
        checks.bytes("read", from, to.remaining());
        kernels.copy_to_host(address(to), from.address(), to.remaining());
    }

    @Override
    public Arrival readLater(Tensor from) {
        checks.readLater(from);
        return new NativeArrival(kernels, from);
    }

    private static long address(ByteBuffer buffer) {
        if (!buffer.isDirect()) {
            throw new IllegalArgumentException("The buffer lies in the Java heap, a direct one is needed");
        }
        // JavaCPP's pointer starts at the buffer's beginning, wherever its position is.
        return new BytePointer(buffer.duplicate().clear()).address() + buffer.position();
    }

    @Override
    public void synchronize() {
        kernels.synchronize();
    }

    // ---- recordings ------------------------------------------------------------------------------------------------

    @Override
    public boolean records() {
        return kernels.records();
    }

    @Override
    public Recording record(Runnable operations) {
        if (!records()) {
            return Device.super.record(operations);
        }
        kernels.begin_recording();
        try {
            operations.run();
        } catch (RuntimeException | Error e) {
            kernels.cancel_recording();
            throw e;
        }
        return new NativeRecording(kernels, kernels.end_recording());
    }

    // ---- collective: GPUs of several processes ---------------------------------------------------------------------

    @Override
    public boolean collects() {
        return kernels.collects();
    }

    @Override
    public String collectiveMember() {
        return kernels.collective_member().getString();
    }

    @Override
    public byte[] newCollectiveId() {
        try (BytePointer id = new BytePointer((long) KernelLibrary.COLLECTIVE_ID_BYTES)) {
            kernels.make_collective_id(id.address());
            byte[] bytes = new byte[KernelLibrary.COLLECTIVE_ID_BYTES];
            id.get(bytes);
            return bytes;
        }
    }

    @Override
    public void joinCollective(byte[] id, int rank, int size) {
        if (id.length != KernelLibrary.COLLECTIVE_ID_BYTES) {
            throw new IllegalArgumentException("An id of a collective has " + KernelLibrary.COLLECTIVE_ID_BYTES
                    + " bytes, this one has " + id.length);
        }
        try (BytePointer bytes = new BytePointer(id)) {
            kernels.join_collective(bytes.address(), rank, size);
        }
    }

    @Override
    public void leaveCollective() {
        kernels.leave_collective();
    }

    @Override
    public void allReduce(Tensor x) {
        checks.host("allReduce", x, DType.F32, x.size());
        kernels.all_reduce(x.size(), x.address());
    }

    @Override
    public void broadcastBytes(Tensor x) {
        checks.contiguous("broadcastBytes", x);
        kernels.broadcast_bytes(x.bytes(), x.address());
    }

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
        kernels.matmul(
                a.dtype().code(),
                transposeA,
                transposeB,
                c.dim(0),
                c.dim(1),
                a.dim(transposeA ? 0 : 1),
                a.address(),
                a.rowStride(),
                b.address(),
                b.rowStride(),
                addressOrNull(bias),
                c.address(),
                c.rowStride(),
                c.dtype().code(),
                accumulate);
    }

    @Override
    public void sumRows(Tensor x, Tensor out, boolean accumulate) {
        checks.sumRows(x, out);
        kernels.sum_rows(x.dtype().code(), x.dim(0), x.dim(1), x.address(), x.rowStride(), out.address(), accumulate);
    }

    @Override
    public void nf4Dequantize(Nf4 weight, long from, Tensor out) {
        checks.nf4Dequantize(weight, from, out);
        kernels.nf4_dequantize(
                from * weight.columns(),
                out.size(),
                weight.codes().address(),
                weight.absmax().address(),
                weight.scales().address(),
                weight.table().address(),
                out.address());
    }

    @Override
    public void nf4Matmul(
            Tensor a, Nf4 weight, boolean transpose, @Nullable Tensor bias, Tensor c, boolean accumulate) {
        checks.nf4Matmul(a, weight, transpose, bias, c);
        kernels.nf4_matmul(
                a.dtype().code(),
                transpose,
                c.dim(0),
                c.dim(1),
                a.dim(1),
                a.address(),
                a.rowStride(),
                weight.codes().address(),
                weight.absmax().address(),
                weight.scales().address(),
                weight.table().address(),
                addressOrNull(bias),
                c.address(),
                c.rowStride(),
                c.dtype().code(),
                accumulate);
    }

    @Override
    public void doraNorms(Tensor weight, Tensor a, Tensor b, float scale, Tensor norms) {
        checks.doraNorms(weight, a, b, norms);
        kernels.dora_norms(
                weight.dim(0),
                weight.dim(1),
                a.dim(0),
                scale,
                weight.address(),
                a.address(),
                b.address(),
                norms.address());
    }

    @Override
    public void doraForward(Tensor magnitude, Tensor norms, @Nullable Tensor bias, Tensor z, Tensor y) {
        checks.doraForward(magnitude, norms, bias, z, y);
        kernels.dora_forward(
                y.dtype().code(),
                y.dim(0),
                y.dim(1),
                magnitude.address(),
                norms.address(),
                addressOrNull(bias),
                z.address(),
                z.rowStride(),
                y.address(),
                y.rowStride());
    }

    @Override
    public void doraBackward(Tensor magnitude, Tensor norms, Tensor z, Tensor dY, Tensor dMagnitude) {
        checks.doraBackward(magnitude, norms, z, dY, dMagnitude);
        kernels.dora_backward(
                z.dtype().code(),
                z.dim(0),
                z.dim(1),
                magnitude.address(),
                norms.address(),
                z.address(),
                z.rowStride(),
                dY.address(),
                dY.rowStride(),
                dMagnitude.address());
    }

    @Override
    public void take(Tensor x, Tensor places, Tensor out) {
        checks.take(x, places, out);
        kernels.take(out.size(), x.address(), places.address(), out.address());
    }

    @Override
    public void embeddingForward(Tensor ids, Tensor table, Tensor out) {
        checks.embeddingForward(ids, table, out);
        kernels.embedding_forward(
                table.dtype().code(), ids.dim(0), table.dim(1), ids.address(), table.address(), out.address());
    }

    @Override
    public void embeddingBackward(Tensor ids, Tensor dOut, Tensor dTable) {
        checks.embeddingBackward(ids, dOut, dTable);
        kernels.embedding_backward(
                dOut.dtype().code(),
                ids.dim(0),
                dTable.dim(1),
                dTable.dim(0),
                ids.address(),
                dOut.address(),
                dTable.address());
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
        kernels.rmsnorm_forward(
                x.dtype().code(),
                x.dim(0),
                x.dim(1),
                epsilon,
                offset,
                x.address(),
                addressOrNull(residual),
                weight.address(),
                addressOrNull(sum),
                out.address(),
                rstd.address());
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
        kernels.rmsnorm_backward(
                x.dtype().code(),
                x.dim(0),
                x.dim(1),
                offset,
                x.address(),
                weight.address(),
                rstd.address(),
                dOut.address(),
                addressOrNull(dSum),
                dX.address(),
                dWeight.address(),
                addressOrNull(out));
    }

    @Override
    public void headnormForward(Tensor x, Tensor weight, float epsilon, float offset, Tensor out, Tensor rstd) {
        checks.headnormForward(x, weight, out, rstd);
        kernels.headnorm_forward(
                x.dtype().code(),
                x.dim(0),
                x.dim(1),
                x.dim(2),
                epsilon,
                offset,
                x.address(),
                x.rowStride(),
                weight.address(),
                out.address(),
                out.rowStride(),
                rstd.address());
    }

    @Override
    public void headnormBackward(
            Tensor x, Tensor weight, float offset, Tensor rstd, Tensor dOut, Tensor dX, Tensor dWeight) {
        checks.headnormBackward(x, weight, rstd, dOut, dX, dWeight);
        kernels.headnorm_backward(
                x.dtype().code(),
                x.dim(0),
                x.dim(1),
                x.dim(2),
                offset,
                x.address(),
                x.rowStride(),
                weight.address(),
                rstd.address(),
                dOut.address(),
                dOut.rowStride(),
                dX.address(),
                dX.rowStride(),
                dWeight.address());
    }

    @Override
    public void rope(Tensor x, Tensor positions, Tensor cos, Tensor sin, boolean inverse) {
        checks.rope(x, positions, cos, sin);
        kernels.rope(
                x.dtype().code(),
                x.dim(0),
                x.dim(1),
                x.dim(2),
                2 * cos.dim(1),
                x.address(),
                x.rowStride(),
                positions.address(),
                cos.address(),
                sin.address(),
                inverse);
    }

    @Override
    public void attentionForward(
            Tensor q, Tensor k, Tensor v, Tensor offsets, AttentionForm form, Tensor out, Tensor lse) {
        checks.attentionForward(q, k, v, offsets, out, lse);
        kernels.attention_forward(
                q.dtype().code(),
                q.dim(0),
                offsets.dim(0) - 1,
                q.dim(1),
                k.dim(1),
                q.dim(2),
                form.scale(),
                form.window(),
                form.softcap(),
                q.address(),
                q.rowStride(),
                k.address(),
                k.rowStride(),
                v.address(),
                v.rowStride(),
                offsets.address(),
                out.address(),
                out.rowStride(),
                lse.address());
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
        kernels.attention_backward(
                q.dtype().code(),
                q.dim(0),
                offsets.dim(0) - 1,
                q.dim(1),
                k.dim(1),
                q.dim(2),
                form.scale(),
                form.window(),
                form.softcap(),
                q.address(),
                q.rowStride(),
                k.address(),
                k.rowStride(),
                v.address(),
                v.rowStride(),
                offsets.address(),
                out.address(),
                out.rowStride(),
                lse.address(),
                dOut.address(),
                dQ.address(),
                dK.address(),
                dV.address());
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
        kernels.attention_paged(
                q.dtype().code(),
                q.dim(0),
                offsets.dim(0) - 1,
                q.dim(1),
                kCache.dim(2),
                q.dim(2),
                form.scale(),
                form.window(),
                form.softcap(),
                q.address(),
                q.rowStride(),
                kCache.address(),
                vCache.address(),
                kCache.dim(1),
                blockTable.address(),
                blockTable.dim(1),
                lengths.address(),
                offsets.address(),
                out.address(),
                out.rowStride());
    }

    @Override
    public void cacheWrite(Tensor k, Tensor v, Tensor slots, Tensor kCache, Tensor vCache) {
        checks.cacheWrite(k, v, slots, kCache, vCache);
        kernels.cache_write(
                k.dtype().code(),
                k.dim(0),
                k.dim(1),
                k.dim(2),
                k.address(),
                k.rowStride(),
                v.address(),
                v.rowStride(),
                slots.address(),
                kCache.address(),
                vCache.address());
    }

    @Override
    public void swigluForward(Tensor gateUp, Tensor out) {
        checks.gatedForward("swigluForward", gateUp, out);
        kernels.swiglu_forward(out.dtype().code(), out.dim(0), out.dim(1), gateUp.address(), out.address());
    }

    @Override
    public void swigluBackward(Tensor gateUp, Tensor dOut, Tensor dGateUp, @Nullable Tensor out) {
        checks.gatedBackward("swigluBackward", gateUp, dOut, dGateUp, out);
        kernels.swiglu_backward(
                dOut.dtype().code(),
                dOut.dim(0),
                dOut.dim(1),
                gateUp.address(),
                dOut.address(),
                dGateUp.address(),
                addressOrNull(out));
    }

    @Override
    public void gegluForward(Tensor gateUp, Tensor out) {
        checks.gatedForward("gegluForward", gateUp, out);
        kernels.geglu_forward(out.dtype().code(), out.dim(0), out.dim(1), gateUp.address(), out.address());
    }

    @Override
    public void gegluBackward(Tensor gateUp, Tensor dOut, Tensor dGateUp, @Nullable Tensor out) {
        checks.gatedBackward("gegluBackward", gateUp, dOut, dGateUp, out);
        kernels.geglu_backward(
                dOut.dtype().code(),
                dOut.dim(0),
                dOut.dim(1),
                gateUp.address(),
                dOut.address(),
                dGateUp.address(),
                addressOrNull(out));
    }

    @Override
    public void scale(Tensor x, float factor, Tensor out) {
        checks.scale(x, out);
        kernels.scale(x.dtype().code(), x.size(), factor, x.address(), out.address());
    }

    @Override
    public void convert(Tensor x, Tensor out) {
        checks.convert(x, out);
        kernels.convert(x.dtype().code(), out.dtype().code(), x.size(), x.address(), out.address());
    }

    @Override
    public void split(Tensor x, Tensor upper, @Nullable Tensor rest) {
        checks.split(x, upper, rest);
        kernels.split(x.size(), x.address(), upper.address(), addressOrNull(rest));
    }

    @Override
    public void join(Tensor upper, Tensor rest, Tensor x) {
        checks.join(upper, rest, x);
        kernels.join(x.size(), upper.address(), rest.address(), x.address());
    }

    @Override
    public void softcap(Tensor x, float cap) {
        checks.softcap(x);
        kernels.softcap(x.size(), cap, x.address());
    }

    @Override
    public void add(Tensor a, Tensor b, Tensor out) {
        checks.add(a, b, out);
        kernels.add(a.dtype().code(), a.size(), a.address(), b.address(), out.address());
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
        try (IntPointer hostTargets = new IntPointer(targets)) {
            kernels.linear_logprobs(
                    x.dtype().code(),
                    x.dim(0),
                    x.dim(1),
                    weight.dim(0),
                    logitScale,
                    softcap,
                    x.address(),
                    weight.address(),
                    hostTargets.address(),
                    workspace.dim(0),
                    workspace.address(),
                    logprobs.address(),
                    addressOrNull(entropies));
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
        try (IntPointer hostTargets = new IntPointer(targets)) {
            kernels.linear_cross_entropy(
                    x.dtype().code(),
                    x.dim(0),
                    x.dim(1),
                    weight.dim(0),
                    logitScale,
                    softcap,
                    x.address(),
                    weight.address(),
                    hostTargets.address(),
                    coefficients.address(),
                    addressOrNull(bonuses),
                    workspace.dim(0),
                    workspace.address(),
                    logprobs.address(),
                    addressOrNull(entropies),
                    dX.address(),
                    addressOrNull(dWeight));
        }
    }

    @Override
    public void globalNorm(Tensor gradient, Tensor norm) {
        checks.globalNorm(gradient, norm);
        kernels.global_norm(gradient.size(), gradient.address(), norm.address());
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
        kernels.adamw(
                parameter.dtype().code(),
                parameter.size(),
                parameter.address(),
                addressOrNull(rest),
                m.address(),
                v.address(),
                gradient.address(),
                addressOrNull(norm),
                maxNorm,
                hyperparameters.learningRate(),
                hyperparameters.beta1(),
                hyperparameters.beta2(),
                hyperparameters.epsilon(),
                hyperparameters.weightDecay(),
                step);
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
        kernels.adamw_8bit(
                parameter.dtype().code(),
                parameter.size(),
                parameter.address(),
                addressOrNull(rest),
                moments.m().address(),
                moments.mAbsmax().address(),
                moments.v().address(),
                moments.vAbsmax().address(),
                moments.maps().address(),
                gradient.address(),
                addressOrNull(norm),
                maxNorm,
                hyperparameters.learningRate(),
                hyperparameters.beta1(),
                hyperparameters.beta2(),
                hyperparameters.epsilon(),
                hyperparameters.weightDecay(),
                step);
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
        kernels.sample(
                logits.dim(0),
                logits.dim(1),
                logits.address(),
                temperatures.address(),
                topKs.address(),
                topPs.address(),
                minPs.address(),
                seeds.address(),
                tokens.address(),
                logprobs.address());
    }

    private static long addressOrNull(@Nullable Tensor tensor) {
        return tensor == null ? 0 : tensor.address();
    }
}
