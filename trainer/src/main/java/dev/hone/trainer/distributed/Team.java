package dev.hone.trainer.distributed;

import dev.hone.datasets.UserError;
import dev.hone.kernels.Device;
import dev.hone.trainer.generate.Completer;
import dev.hone.trainer.generate.Generator;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.optim.Optimizer;
import dev.hone.trainer.optim.OptimizerOptions;
import dev.hone.trainer.optim.Reference;
import dev.hone.trainer.optim.TrainingEngine;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.IntConsumer;

/** Rank 0 and the workers it leads. */
public final class Team implements AutoCloseable {

    /** How long processes wait for each other at the beginning. */
    static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Collective collective;
    private final Workers workers;
    private final LocalWorkers started;

    private Team(Collective collective, LocalWorkers started) {
        this.collective = collective;
        this.workers = new Workers(collective);
        this.started = started;
    }

    /** Waits for the others of the environment's launcher. */
    static Team await(Membership self) {
        try (ServerSocket socket = Rendezvous.listen(self.address(), self.port())) {
            return new Team(
                    new Collective(self.rank(), Rendezvous.await(socket, self, PATIENCE, () -> {})), LocalWorkers.NONE);
        } catch (IOException e) {
            throw new ProcessLost("Rank 0 cannot wait for the others (" + e.getMessage() + ")", e);
        }
    }

    /**
     * Starts workers on this machine.
     *
     * @param processes with this one
     * @param main the class whose command {@code worker} is one
     */
    static Team start(int processes, String main) {
        String address = "127.0.0.1";
        try (ServerSocket socket = Rendezvous.listen(address, 0)) {
            Membership self = Membership.leader(processes, address, socket.getLocalPort(), LocalWorkers.secret());
            LocalWorkers workers = LocalWorkers.start(self, main);
            try {
                return new Team(
                        new Collective(0, Rendezvous.await(socket, self, PATIENCE, workers::requireAlive)), workers);
            } catch (RuntimeException e) {
                workers.close();
                throw e;
            }
        } catch (IOException e) {
            throw new ProcessLost("Rank 0 cannot wait for the others (" + e.getMessage() + ")", e);
        }
    }

    /** Processes, this one too. */
    public int worldSize() {
        return collective.worldSize();
    }

    /** Tells each worker what the training is. */
    public void begin(String recipe) {
        byte[] text = recipe.getBytes(StandardCharsets.UTF_8);
        collective.scatter(Collections.nCopies(worldSize(), text));
    }

    /**
     * Waits until all workers have what the training starts from.
     *
     * @param identity of what this process has
     * @throws UserError where one has another model, or computes in another way
     */
    public void requireSame(String identity) {
        List<byte[]> identities = collective.gather(new byte[0]);
        for (int rank = 1; rank < identities.size(); rank++) {
            String other = new String(identities.get(rank), StandardCharsets.UTF_8);
            if (!other.equals(identity)) {
                throw new UserError("Rank " + rank + " has another model or device (" + other + ") than rank 0 ("
                        + identity + "); give all processes the same model folder and the same --device");
            }
        }
    }

    /** Has gradients and weights go from GPU to GPU where all processes can, and says which way they go. */
    public String exchangeBy(Device device) {
        return collective.exchangeBy(device);
    }

    /** An engine that divides its work among all. */
    public TrainingEngine engine(Transformer transformer, Optimizer optimizer, OptimizerOptions options) {
        return new DistributedEngine(workers, transformer, optimizer, options);
    }

    /** A completer that divides its work among all. */
    public Completer completer(Transformer transformer, Generator generator) {
        return new DistributedCompleter(workers, transformer, generator);
    }

    /**
     * A reference that divides its work among all.
     *
     * @param folder where each process finds it
     */
    public Reference reference(Path folder, Reference own) {
        workers.all(new Order.Refer(folder.toAbsolutePath().toString()));
        return new DistributedReference(workers, own);
    }

    /** Has another told which signal asked a worker to stop. */
    public void onStop(IntConsumer listener) {
        collective.onStop(listener);
    }

    @Override
    public void close() {
        collective.end();
        collective.closeExchange();
        collective.close();
        started.close();
    }
}
