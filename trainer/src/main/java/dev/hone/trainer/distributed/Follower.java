package dev.hone.trainer.distributed;

import dev.hone.trainer.model.Parameters;
import dev.hone.trainer.optim.LocalEngine;
import dev.hone.trainer.optim.Optimizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Data parallel training as a worker sees it: it does what rank 0 orders, until that ends. */
public final class Follower {

    private final Collective collective;
    private final Replica replica;
    private @Nullable LocalEngine engine;

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
            if (order instanceof Order.Replicate replicate) {
                replicate(replicate);
            } else if (order instanceof Order.Logprobs logprobs) {
                collective.gather(Order.bytes(engine().logprobs(logprobs.batches(), logprobs.temperature())));
            } else if (order instanceof Order.Backward backward) {
                collective.gather(Order.bytes(engine().forwardBackward(backward.passes())));
                collective.allReduce(replica.transformer().parameters().gradients());
            } else if (order instanceof Order.Update update) {
                // Clips by it.
                engine().gradientNorm();
                engine().step(update.learningRate());
            } else {
                engine().clearGradients();
            }
        }
    }

    private void replicate(Order.Replicate order) {
        Optimizer optimizer = replica.newOptimizer(order.options());
        Parameters parameters = replica.transformer().parameters();
        collective.broadcast(parameters.trained());
        parameters.changed();
        optimizer.state().values().forEach(collective::broadcast);
        optimizer.resumeAt(order.updates());
        engine = new LocalEngine(replica.transformer(), optimizer);
    }

    private LocalEngine engine() {
        if (engine == null) {
            throw new IllegalStateException("rank 0 asked for work before it gave its weights");
        }
        return engine;
    }
}
