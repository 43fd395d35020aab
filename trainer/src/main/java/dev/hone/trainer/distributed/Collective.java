package dev.hone.trainer.distributed;

import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * What processes that train together do together: every one of them calls the same of these methods, in the same order.
 * Sums are taken in the order of ranks, so they repeat bit for bit, whichever way tensors go.
 */
public final class Collective implements AutoCloseable {

    /** Between two signs that a worker is still at it. */
    private static final long SIGN_NANOS = Duration.ofMillis(500).toNanos();

    private final int rank;
    private final List<Link> links;
    private Exchange exchange;
    private long lastSign = System.nanoTime();

    /** @param links at rank 0 one to each other rank, in order; elsewhere one to rank 0 */
    Collective(int rank, List<Link> links) {
        this.rank = rank;
        this.links = List.copyOf(links);
        this.exchange = new HostExchange(rank, this.links);
    }

    /** Connects a worker to rank 0. */
    public static Collective join(Membership self) {
        return new Collective(self.rank(), List.of(Rendezvous.join(self, Team.PATIENCE)));
    }

    /**
     * Has tensors go from GPU to GPU from here on, where every process has a GPU of its own and NCCL; until {@link
     * #closeExchange}, which comes before the device is closed.
     *
     * @return which way they go, for people
     */
    public String exchangeBy(Device device) {
        List<byte[]> offers = gather(Order.bytes(GpuOffer.of(device, System.getenv())));
        List<byte[]> decided =
                rank > 0 ? List.of() : Collections.nCopies(worldSize(), Order.bytes(GpuGroup.of(device, offers)));
        GpuGroup group = Order.answer(scatter(decided), GpuGroup.TYPE);
        if (!group.obstacle().isEmpty()) {
            return "gradients and weights go through the host's memory, because " + group.obstacle();
        }
        GpuExchange joining = new GpuExchange(device, links);
        exchange = joining;
        joining.join(group, rank);
        return "gradients and weights go from GPU to GPU by NCCL";
    }

    /** Adds up a tensor over all processes: each has the sum afterwards. F32, contiguous. */
    void allReduce(Tensor values) {
        exchange.allReduce(values);
    }

    /** Gives every process what rank 0 has, byte for byte. Of any type, contiguous. */
    void broadcast(Tensor values) {
        exchange.broadcast(values);
    }

    /** Ends the exchange of tensors. */
    void closeExchange() {
        exchange.close();
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
