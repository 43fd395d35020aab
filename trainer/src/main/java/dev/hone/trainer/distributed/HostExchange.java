package dev.hone.trainer.distributed;

import dev.hone.kernels.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/** Tensors pass through the host's memory, a chunk at a time, and through rank 0: so every device serves. */
final class HostExchange implements Exchange {

    /** Numbers on their way at once: 4 MiB. */
    private static final int CHUNK = 1 << 20;

    private final int rank;
    private final List<Link> links;
    private final float[] own = new float[CHUNK];
    private final float[] other = new float[CHUNK];

    /** @param links at rank 0 one to each other rank, in order; elsewhere one to rank 0 */
    HostExchange(int rank, List<Link> links) {
        this.rank = rank;
        this.links = links;
    }

    @Override
    public void allReduce(Tensor values) {
        chunks(values, chunk -> {
            int count = Math.toIntExact(chunk.size());
            float[] sum = exact(own, count);
            chunk.device().read(chunk, sum);
            if (rank == 0) {
                for (Link link : links) {
                    link.receive(other, count);
                    for (int i = 0; i < count; i++) {
                        sum[i] += other[i];
                    }
                }
                links.forEach(link -> link.send(sum, count));
            } else {
                links.get(0).send(sum, count);
                links.get(0).receive(sum, count);
            }
            chunk.device().write(sum, chunk);
        });
    }

    @Override
    public void broadcast(Tensor values) {
        long largest = Math.min(CHUNK, values.size()) * values.dtype().bytes();
        ByteBuffer buffer = ByteBuffer.allocateDirect(Math.toIntExact(largest));
        chunks(values, chunk -> {
            buffer.clear().limit(Math.toIntExact(chunk.bytes()));
            if (rank == 0) {
                chunk.device().read(chunk, buffer);
                byte[] part = new byte[buffer.remaining()];
                buffer.get(part);
                links.forEach(link -> link.send(part));
            } else {
                chunk.device().write(buffer.put(links.get(0).receive()).flip(), chunk);
            }
        });
    }

    private static void chunks(Tensor values, Consumer<Tensor> work) {
        Tensor flat = values.reshape(values.size());
        for (long from = 0; from < flat.size(); from += CHUNK) {
            work.accept(flat.rows(from, Math.min(flat.size(), from + CHUNK)));
        }
    }

    /** The last chunk is shorter, and devices copy whole arrays. */
    private static float[] exact(float[] buffer, int count) {
        return count == buffer.length ? buffer : new float[count];
    }

    @Override
    public void close() {}
}
