package dev.hone.trainer.distributed;

import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Tensors go from GPU to GPU. A GPU that waits for one whose process is lost does so for ever, so a thread of its own asks
 * the device and waits, while the caller's listens to whether the others are still there.
 */
final class GpuExchange implements Exchange {

    private static final int LISTEN_MILLIS = 50;

    /** How long after a failure here the cause may be heard of, if it is another process's end. */
    private static final Duration CAUSE_PATIENCE = Duration.ofSeconds(2);

    private final Device device;
    private final List<Link> links;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(GpuExchange::daemon);

    /** @param links to whom to listen */
    GpuExchange(Device device, List<Link> links) {
        this.device = device;
        this.links = links;
    }

    /** One that the process does not wait for at its end. */
    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "gpu-exchange");
        thread.setDaemon(true);
        return thread;
    }

    /** Waits for the others of the group. */
    void join(GpuGroup group, int rank) {
        together(() -> device.joinCollective(group.id(), rank, group.processes()));
    }

    @Override
    public void allReduce(Tensor values) {
        together(() -> device.allReduce(values));
    }

    @Override
    public void broadcast(Tensor values) {
        together(() -> device.broadcastBytes(values));
    }

    private void together(Runnable work) {
        Future<?> working = thread.submit(work);
        try {
            while (!isDone(working)) {
                links.forEach(Link::hear);
            }
        } catch (RuntimeException | Error e) {
            // Ends the work too.
            device.leaveCollective();
            throw e;
        }
    }

    private boolean isDone(Future<?> working) {
        try {
            working.get(LISTEN_MILLIS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException notYet) {
            return false;
        } catch (InterruptedException e) {
            throw interrupted(e);
        } catch (ExecutionException e) {
            hearCause();
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        }
    }

    /** Throws what another process's end is called, where that is the cause of a failure here. */
    private void hearCause() {
        long deadline = System.nanoTime() + CAUSE_PATIENCE.toNanos();
        try {
            while (System.nanoTime() < deadline) {
                links.forEach(Link::hear);
                Thread.sleep(LISTEN_MILLIS);
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static ProcessLost interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new ProcessLost("Interrupted while waiting for the other processes", e);
    }

    @Override
    public void close() {
        device.leaveCollective();
        thread.shutdown();
    }
}
