package dev.hone.trainer.distributed;

import dev.hone.trainer.model.Parameters;
import dev.hone.trainer.optim.LocalEngine;
import dev.hone.trainer.optim.LogprobSource;
import dev.hone.trainer.optim.Optimizer;
import dev.hone.trainer.optim.Reference;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Data parallel training as a worker sees it: it does what rank 0 orders, until that ends. */
public final class Follower implements AutoCloseable {

    private final Collective collective;
    private final Replica replica;
    private @Nullable LocalEngine engine;
    private @Nullable Reference reference;

    public Follower(Collective collective, Replica replica) {
        this.collective = collective;
        this.replica = replica;
    }

    /**
     * Never returns.
     *
     * @throws TrainingEnded when rank 0 is done
     * @throws ProcessLost where rank 0 ended without a word
     */
    public void follow() {
        while (true) {
            Order order = Order.of(collective.scatter(List.of()));
            if (order instanceof Order.Weights) {
                parameters().trained().parts().forEach(collective::broadcast);
                parameters().changed();
            } else if (order instanceof Order.NewOptimizer fresh) {
                takeOptimizer(fresh);
            } else if (order instanceof Order.Refer refer) {
                closeReference();
                reference = Reference.of(replica.reference(Path.of(refer.folder())));
            } else if (order instanceof Order.Logprobs asked) {
                LogprobSource source = asked.reference() ? asked(reference) : LogprobSource.of(replica.transformer());
                collective.gather(Order.bytes(source.logprobs(asked.batches(), asked.temperature())));
            } else if (order instanceof Order.Generate asked) {
                collective.gather(Order.bytes(replica.generator()
                        .generate(asked.prompts(), asked.sampling(), (done, total, tokens) -> collective.stillAtIt())));
            } else if (order instanceof Order.Backward backward) {
                collective.gather(Order.bytes(asked(engine).forwardBackward(backward.passes())));
                collective.allReduce(parameters().gradients());
            } else if (order instanceof Order.Update update) {
                // Clips by it.
                asked(engine).optimizer().gradientNorm();
                asked(engine).step(update.learningRate());
            } else {
                asked(engine).clearGradients();
            }
        }
    }

    private void takeOptimizer(Order.NewOptimizer order) {
        Optimizer optimizer = replica.newOptimizer(order.options());
        optimizer.state().values().forEach(collective::broadcast);
        optimizer.resumeAt(order.updates());
        engine = new LocalEngine(replica.transformer(), optimizer);
    }

    private Parameters parameters() {
        return replica.transformer().parameters();
    }

    private static <T> T asked(@Nullable T needed) {
        if (needed == null) {
            throw new IllegalStateException("rank 0 asked for what it did not prepare");
        }
        return needed;
    }

    private void closeReference() {
        if (reference != null) {
            reference.close();
            reference = null;
        }
    }

    @Override
    public void close() {
        closeReference();
        collective.closeExchange();
    }
}
