package dev.hone.trainer.distributed;

import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.opentest4j.TestAbortedException;

/** The processes of a training as threads that are connected as processes are. */
final class Ranks {

    static final Duration PATIENCE = Duration.ofSeconds(30);
    static final String HERE = "127.0.0.1";

    private Ranks() {}

    /** What a process does with the others. */
    interface Work<T> {
        T of(int rank, Collective collective) throws Exception;
    }

    /** @return what each came to */
    static <T> List<T> together(int processes, Work<T> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(processes);
        try (ServerSocket socket = Rendezvous.listen(HERE, 0)) {
            List<Future<T>> results = new ArrayList<>();
            for (int rank = 0; rank < processes; rank++) {
                Membership self = member(rank, processes, socket.getLocalPort(), "id");
                results.add(threads.submit(() -> {
                    List<Link> links = self.rank() == 0
                            ? Rendezvous.await(socket, self, PATIENCE, () -> {})
                            : List.of(Rendezvous.join(self, PATIENCE));
                    try (Collective collective = new Collective(self.rank(), links)) {
                        return work.of(self.rank(), collective);
                    }
                }));
            }
            List<T> all = new ArrayList<>();
            for (Future<T> result : results) {
                all.add(result.get());
            }
            return all;
        } catch (ExecutionException e) {
            // Where the build left a device out, the test is skipped, whichever thread finds it.
            throw e.getCause() instanceof TestAbortedException aborted ? aborted : e;
        } finally {
            threads.shutdownNow();
        }
    }

    static Membership member(int rank, int processes, int port, String id) {
        return new Membership(rank, processes, rank, processes, HERE, port, id);
    }
}
