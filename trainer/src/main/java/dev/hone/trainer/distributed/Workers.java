package dev.hone.trainer.distributed;

import dev.hone.kernels.Tensor;
import dev.hone.trainer.model.Parameters;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import tools.jackson.core.type.TypeReference;

/** Rank 0's workers: what it has them do, and which of its weights they have. */
final class Workers {

    private static final long NONE = -1;

    private final Collective collective;
    private long replicated = NONE;

    Workers(Collective collective) {
        this.collective = collective;
    }

    /** Processes, rank 0 too. */
    int worldSize() {
        return collective.worldSize();
    }

    /** Has every worker do the same. */
    void all(Order order) {
        collective.scatter(Collections.nCopies(worldSize(), Order.bytes(order)));
    }

    /** Gives the workers the weights here, where they may have others. */
    void replicate(Parameters parameters) {
        if (replicated != parameters.changes()) {
            all(new Order.Weights());
            parameters.trained().parts().forEach(collective::broadcast);
            replicated(parameters);
        }
    }

    /** The workers made the same change to their weights. */
    void replicated(Parameters parameters) {
        replicated = parameters.changes();
    }

    void broadcast(Tensor values) {
        collective.broadcast(values);
    }

    void allReduce(Tensor values) {
        collective.allReduce(values);
    }

    /**
     * Has each process do its share of some work.
     *
     * @param size how much work each is
     * @param order what to ask of a worker, given its share
     * @param own does this process's share
     * @param type of a share's results
     * @param waiting called again and again while workers go on after this process is done
     * @return the results, in the order of the work
     */
    <W, R> List<R> divide(
            List<W> work,
            ToLongFunction<W> size,
            Function<List<W>, Order> order,
            Function<List<Integer>, List<R>> own,
            TypeReference<List<R>> type,
            Runnable waiting) {
        List<List<Integer>> shares = Shares.deal(work, size, worldSize());
        collective.scatter(shares.stream()
                .map(share -> Order.bytes(order.apply(Shares.of(share, work))))
                .toList());
        List<List<R>> results = new ArrayList<>();
        results.add(own.apply(shares.get(0)));
        collective.gather(new byte[0], waiting).stream()
                .skip(1)
                .forEach(answer -> results.add(Order.answer(answer, type)));
        return Shares.whole(shares, results);
    }
}
