package dev.hone.trainer.distributed;

import dev.hone.kernels.Tensor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * What processes that train together do together: every one of them calls the same of these methods, in the same order.
 * Sums are taken in the order of ranks, so they repeat bit for bit. Tensors pass through the host's memory, a chunk at a
 * time, so every device serves.
 */
public final class Collective implements AutoCloseable {

    /** Numbers on their way at once: 4 MiB. */
    private static final int CHUNK = 1 << 20;

    /** Between two signs that a worker is still at it. */
    private static final long SIGN_NANOS = Duration.ofMillis(500).toNanos();

    private final int rank;
    private final List<Link> links;
    private final float[] own = new float[CHUNK];
    private long lastSign = System.nanoTime();
    private final float[] other = new float[CHUNK];

    /** @param links at rank 0 one to each other rank, in order; elsewhere one to rank 0 */
    Collective(int rank, List<Link> links) {
        this.rank = rank;
        this.links = List.copyOf(links);
    }

    /** Connects a worker to rank 0. */
    public static Collective join(Membership self) {
        return new Collective(self.rank(), List.of(Rendezvous.join(self, Team.PATIENCE)));
    }

    /** Adds up a tensor over all processes: each has the sum afterwards. F32, contiguous. */
    void allReduce(Tensor values) {
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

    /** Gives every process what rank 0 has, byte for byte. Of any type, contiguous. */
    void broadcast(Tensor values) {
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

    /**
     * Hands each process its part.
     *
     * @param parts one for each rank; only rank 0's count
     * @return this process's
     */
    public byte[] scatter(List<byte[]> parts) {
        if (rank > 0) {
            return links.get(0).receive();
        }
        for (int i = 0; i < links.size(); i++) {
            links.get(i).send(parts.get(i + 1));
        }
        return parts.get(0);
    }

    /** Collects a part of each process at rank 0, in the order of ranks; elsewhere there is nothing to be had. */
    public List<byte[]> gather(byte[] part) {
        return gather(part, () -> {});
    }

    /** @param waiting called at rank 0 whenever a process says that it is still at it */
    List<byte[]> gather(byte[] part, Runnable waiting) {
        List<byte[]> parts = new ArrayList<>();
        if (rank > 0) {
            links.get(0).send(part);
        } else {
            parts.add(part);
            links.forEach(link -> parts.add(link.receive(waiting)));
        }
        return parts;
    }

    /**
     * Tells rank 0, now and then, that this process is still at what it was asked for.
     *
     * @throws TrainingEnded where nobody waits for it any more
     */
    void stillAtIt() {
        long now = System.nanoTime();
        if (now - lastSign > SIGN_NANOS) {
            lastSign = now;
            links.get(0).sendSign();
            links.get(0).hear();
        }
    }

    /** How many processes there are, as rank 0 knows. */
    int worldSize() {
        return links.size() + 1;
    }

    /** Has another told, at rank 0, which signal asked a worker to stop. */
    void onStop(IntConsumer listener) {
        links.forEach(link -> link.onStop(listener));
    }

    /** Asks rank 0 to stop the training as if this signal had come to it; from whatever thread. */
    public void sendStop(int signal) {
        links.get(0).sendStop(signal);
    }

    /** Tells the others why this process ends. */
    public void fail(String why) {
        links.forEach(link -> link.fail(why));
    }

    /** Tells the others that all is done. */
    void end() {
        links.forEach(Link::end);
    }

    @Override
    public void close() {
        links.forEach(Link::close);
    }
}
