package dev.hone.trainer.serve;

import dev.hone.datasets.UserError;
import dev.hone.trainer.generate.Completion;
import dev.hone.trainer.generate.Generator;
import dev.hone.trainer.generate.Prompt;
import dev.hone.trainer.generate.SamplingOptions;
import dev.hone.trainer.generate.Scoring;
import dev.hone.trainer.generate.TokenScore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the requests of all connections side by side, on a thread of its own: one that arrives joins at the next token,
 * one that ends leaves its place at once.
 */
final class Engine implements AutoCloseable {

    /** Hears what becomes of a sequence; on the engine's thread, so it must be quick. */
    interface Listener {
        /** The prompt's tokens from the second on, where they are to be scored. */
        void prompted(List<TokenScore> prompt);

        /**
         * A token was drawn.
         *
         * @param score null where none was asked for
         * @return whether to go on
         */
        boolean drawn(int token, @Nullable TokenScore score);

        void ended(Completion completion);

        void failed(RuntimeException failure);
    }

    private record Arrival(
            Prompt prompt,
            SamplingOptions sampling,
            @Nullable Scoring scoring,
            List<? extends Listener> listeners) {}

    private final Generator generator;
    private Generator.Decoding decoding;
    private final Queue<Arrival> arrivals = new ConcurrentLinkedQueue<>();
    private final Semaphore work = new Semaphore(0);
    private final Map<Integer, Listener> listeners = new HashMap<>();
    private final Thread thread = new Thread(this::run, "engine");
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
    private volatile boolean closing;

    Engine(Generator generator) {
        this.generator = generator;
        this.decoding = generator.decoding();
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Begins the samples of a prompt.
     *
     * @param listeners one a sample
     */
    void submit(
            Prompt prompt, SamplingOptions sampling, @Nullable Scoring scoring, List<? extends Listener> listeners) {
        arrivals.add(new Arrival(prompt, sampling, scoring, listeners));
        work.release();
    }

    private void run() {
        try {
            while (!closing) {
                if (decoding.isIdle() && arrivals.isEmpty()) {
                    work.acquire();
                }
                work.drainPermits();
                for (Arrival arrival = arrivals.poll(); arrival != null; arrival = arrivals.poll()) {
                    begin(arrival);
                }
                if (!decoding.isIdle()) {
                    step();
                }
            }
        } catch (InterruptedException e) {
            // Closed.
        } finally {
            fail(new UserError("The server is shutting down; ask again later"));
            ended.complete(null);
        }
    }

    private void begin(Arrival arrival) {
        try {
            int first = decoding.add(arrival.prompt(), arrival.sampling(), arrival.scoring());
            for (int i = 0; i < arrival.listeners().size(); i++) {
                listeners.put(first + i, arrival.listeners().get(i));
            }
        } catch (RuntimeException e) {
            arrival.listeners().forEach(listener -> listener.failed(e));
        }
    }

    private void step() {
        try {
            decoding.step(new Generator.Listener() {
                @Override
                public boolean drawn(int sequence, int token, float logprob) {
                    return listener(sequence).drawn(token, null);
                }

                @Override
                public boolean drawn(int sequence, TokenScore token) {
                    return listener(sequence).drawn(token.token(), token);
                }

                @Override
                public void prompted(int sequence, List<TokenScore> prompt) {
                    listener(sequence).prompted(prompt);
                }

                @Override
                public void ended(int sequence, Completion completion) {
                    listener(sequence).ended(completion);
                    listeners.remove(sequence);
                }
            });
        } catch (RuntimeException e) {
            // What it held is lost with it.
            decoding = generator.decoding();
            fail(e);
        }
    }

    private Listener listener(int sequence) {
        Listener listener = listeners.get(sequence);
        if (listener == null) {
            throw new IllegalStateException("No one waits for sequence " + sequence);
        }
        return listener;
    }

    private void fail(RuntimeException failure) {
        listeners.values().forEach(listener -> listener.failed(failure));
        listeners.clear();
    }

    @Override
    public void close() {
        closing = true;
        work.release();
        // The generator must not be closed under a step.
        ended.join();
    }
}
