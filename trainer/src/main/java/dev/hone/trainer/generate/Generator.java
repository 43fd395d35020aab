package dev.hone.trainer.generate;

import dev.hone.datasets.UserError;
import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Device.Arrival;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.model.KvCache;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.Transformer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Completes prompts by a transformer, many at a time: a paged key-value cache, continuous batching, and each prompt
 * computed once for all its samples. It computes with the transformer's own weights and kernels, so after an update it
 * speaks as the updated model, and a token's log-probability has the same bits as in a training pass on the cpu device.
 */
public final class Generator implements Completer, AutoCloseable {

    private static final SamplingOptions UNUSED = SamplingOptions.greedy(1, Set.of());

    private final Transformer transformer;
    private final GeneratorOptions options;
    private final KvCache cache;
    private final Arena arena;
    private final Sampler sampler;
    private final StepInputs prefill;
    private final StepInputs decode;
    private final Scorer scorer;
    private final List<Scored> scored = new ArrayList<>();
    private final Tensor rows; // [prefillTokens] = 0, 1, 2 ...
    private final Tensor logits; // [maxBatch, vocabulary]
    private final RecordedSteps steps;
    private final boolean asksAhead;
    /** The step that follows the one whose tokens were handed on last; null where it was not asked for. */
    private @Nullable Step ahead;

    /** Plans all buffers; the transformer stays the caller's. */
    public Generator(Transformer transformer, GeneratorOptions options) {
        this(transformer, options, transformer.device().records());
    }

    /**
     * @param recorded whether decoding steps are recorded, once for each number of rows, and replayed; and each is asked for
     *     before the tokens of the one before it are here, so that the device need not wait for the host
     */
    Generator(Transformer transformer, GeneratorOptions options, boolean recorded) {
        Device device = transformer.device();
        ModelConfig config = transformer.config();
        if (options.maxBatch() > transformer.maxTokens()) {
            throw new UserError("max_batch is " + options.maxBatch() + " but must be at most the tokens of a pass ("
                    + transformer.maxTokens() + ")");
        }
        this.transformer = transformer;
        this.options = options;
        int batch = options.maxBatch();
        int prefillTokens = Math.min(options.prefillTokens(), transformer.maxTokens());
        int maxBlocks = Math.min(options.blocks(), blocksOf(config.maxPositions()));
        // One block more, for the rows that fill up a recorded step.
        this.cache = new KvCache(device, config, transformer.dtype(), options.blocks() + 1, options.blockSize());
        this.arena = device.arena(Sampler.bytes(batch)
                + Scorer.bytes(batch)
                + StepInputs.bytes(prefillTokens, batch, maxBlocks)
                + StepInputs.bytes(batch, batch, maxBlocks)
                + Arena.bytes(DType.I32, prefillTokens)
                + Arena.bytes(DType.F32, batch, config.vocabularySize()));
        this.sampler = new Sampler(device, arena, batch);
        this.scorer = new Scorer(device, arena, batch, config.vocabularySize());
        this.prefill = new StepInputs(device, arena, prefillTokens, batch, maxBlocks, options.blockSize());
        this.decode = new StepInputs(device, arena, batch, batch, maxBlocks, options.blockSize());
        this.rows = arena.allocate(DType.I32, prefillTokens);
        this.logits = arena.allocate(DType.F32, batch, config.vocabularySize());
        int[] counting = new int[prefillTokens];
        for (int i = 0; i < prefillTokens; i++) {
            counting[i] = i;
        }
        device.write(counting, rows);
        this.asksAhead = recorded;
        this.steps = new RecordedSteps(device, recorded, batch, count -> {
            if (asksAhead) {
                decode.take(sampler.tokens());
            }
            forward(decode, count);
            sampler.draw(logits.rows(0, count));
        });
    }

    /** Hears what becomes of the sequences of a {@link Decoding}. */
    public interface Listener {
        /** A token was drawn. Returns whether to go on; false ends the sequence after this token. */
        boolean drawn(int sequence, int token, float logprob);

        /** The same of a sequence whose tokens are scored; its log-probability is that of the score. */
        default boolean drawn(int sequence, TokenScore token) {
            return drawn(sequence, token.token(), token.logprob());
        }

        /** The prompt's tokens from the second on, where they are to be scored; before the first draw. */
        default void prompted(int sequence, List<TokenScore> prompt) {}

        void ended(int sequence, Completion completion);
    }

    /**
     * Sequences under way, each with its own sampling: what is added is decoded beside the rest from the next step on.
     * For one thread, and one at a time of a generator, whose cache it fills.
     */
    public final class Decoding {
        private final Scheduler scheduler =
                new Scheduler(options.blocks(), options.blockSize(), options.maxBatch(), List.of());
        private final Map<Integer, Wanted> wanted = new HashMap<>();
        private int added;

        private Decoding() {}

        /**
         * Queues the samples of a prompt.
         *
         * @return the number of its first sample's sequence; the others follow
         * @throws UserError where the prompt does not fit the model's positions or the cache
         */
        public int add(Prompt prompt, SamplingOptions sampling) {
            return add(prompt, sampling, null);
        }

        /** The same, with tokens scored. */
        public int add(Prompt prompt, SamplingOptions sampling, @Nullable Scoring scoring) {
            int first = added;
            for (Sequence sequence : sequences(prompt, sampling, scoring, first)) {
                scheduler.add(sequence);
                wanted.put(sequence.index, new Wanted(sampling, scoring));
                added++;
            }
            return first;
        }

        /** Whether nothing is under way. */
        public boolean isIdle() {
            return wanted.isEmpty();
        }

        /** Draws one token for each sequence that has a place. */
        public void step(Listener listener) {
            Step step = ahead == null ? ask(listener) : ahead;
            if (step == null) {
                return;
            }
            // Tokens that are scored are scored by the logits, which the next step overwrites.
            boolean scored = step.rows().stream().anyMatch(this::isScored);
            ahead = asksAhead && !scored ? ask(listener) : null;
            receive(step, scored, listener);
            if (ahead != null && ahead.rows().stream().noneMatch(this::isWanted)) {
                drop();
            }
        }

        /** Asks the device for a token of each sequence that may have another; null where none may. */
        private @Nullable Step ask(Listener listener) {
            for (int row = scheduler.active().size() - 1; row >= 0; row--) {
                if (scheduler.active().get(row).isAsked()) {
                    leave(scheduler.active().get(row));
                }
            }
            int before = scheduler.active().size();
            Scheduler.Admitted admitted = scheduler.admit();
            compute(admitted.prefixes());
            admitted.copies().forEach(copy -> cache.copyBlock(copy.from(), copy.to()));
            List<Sequence> rows = List.copyOf(scheduler.active());
            for (Sequence sequence : rows.subList(before, rows.size())) {
                decode.setBlocks(sequence.place, sequence.blocks);
                if (sequence.prefix.scoring != null) {
                    listener.prompted(sequence.index, List.copyOf(sequence.prefix.scores));
                }
            }
            for (Sequence sequence : rows) {
                sampler.set(sequence.place, of(sequence).sampling());
            }
            return rows.isEmpty() ? null : draw(rows);
        }

        /** Waits for a step's tokens and hands them on, but those drawn for sequences that the token before ended. */
        private void receive(Step step, boolean scored, Listener listener) {
            sampler.receive(step.drawn());
            if (scored) {
                scorer.look(logits.rows(0, step.rows().size()));
            }
            for (int row = step.rows().size() - 1; row >= 0; row--) {
                Sequence sequence = step.rows().get(row);
                if (!isWanted(sequence)) {
                    continue;
                }
                Wanted of = of(sequence);
                sequence.append(sampler.token(row), sampler.logprob(row));
                boolean stopped = of.sampling().stopTokens().contains(sampler.token(row));
                boolean goesOn = of.scoring() == null
                        ? listener.drawn(sequence.index, sampler.token(row), sampler.logprob(row))
                        : listener.drawn(
                                sequence.index,
                                scorer.score(
                                        row, sampler.token(row), of.scoring().alternatives()));
                if (stopped || !goesOn || sequence.isFull()) {
                    wanted.remove(sequence.index);
                    if (sequence.place >= 0) {
                        leave(sequence);
                    }
                    listener.ended(sequence.index, sequence.completion(stopped));
                }
            }
        }

        /** Gives up a sequence's row, and its blocks: what takes them over is done after what is under way. */
        private void leave(Sequence sequence) {
            int row = sequence.place;
            scheduler.retire(sequence);
            if (row < scheduler.active().size()) {
                decode.setBlocks(row, scheduler.active().get(row).blocks);
            }
        }

        private boolean isWanted(Sequence sequence) {
            return wanted.containsKey(sequence.index);
        }

        private boolean isScored(Sequence sequence) {
            return isWanted(sequence) && of(sequence).scoring() != null;
        }

        private Wanted of(Sequence sequence) {
            return Objects.requireNonNull(wanted.get(sequence.index));
        }
    }

    private record Wanted(
            SamplingOptions sampling, @Nullable Scoring scoring) {}

    /** A step that the device was asked for, whose sequence each row is, and what is drawn. */
    private record Step(List<Sequence> rows, Arrival drawn) {}

    /** Begins to decode; sequences can then be added at any time. */
    public Decoding decoding() {
        drop();
        return new Decoding();
    }

    /** Nobody wants what the step ahead draws. */
    private void drop() {
        if (ahead != null) {
            ahead.drawn().close();
            ahead = null;
        }
    }

    @Override
    public List<List<Completion>> generate(
            List<Prompt> prompts, SamplingOptions sampling, GenerationProgress progress, CompletionListener listener) {
        Decoding decoding = decoding();
        prompts.forEach(prompt -> decoding.add(prompt, sampling));
        Completion[] completions = new Completion[decoding.added];
        int[] done = {0};
        long[] tokens = {0};
        Listener collecting = new Listener() {
            @Override
            public boolean drawn(int sequence, int token, float logprob) {
                tokens[0]++;
                return listener.drawn(sequence, token);
            }

            @Override
            public void ended(int sequence, Completion completion) {
                completions[sequence] = completion;
                done[0]++;
                listener.ended(sequence, completion);
            }
        };
        while (!decoding.isIdle()) {
            decoding.step(collecting);
            progress.advanced(done[0], completions.length, tokens[0]);
        }
        return grouped(prompts, completions);
    }

    private List<Sequence> sequences(Prompt prompt, SamplingOptions sampling, @Nullable Scoring scoring, int first) {
        int maxPositions = transformer.config().maxPositions();
        int length = prompt.tokens().length;
        if (length > maxPositions) {
            throw new UserError("A prompt has " + length + " tokens but the model's max_position_embeddings is "
                    + maxPositions + "; shorten the prompt");
        }
        // The last token drawn is never fed, so it needs no position.
        int limit = Math.min(sampling.maxTokens(), maxPositions - length + 1);
        int needed = Scheduler.blocksNeeded(length - 1 + limit, options.blockSize());
        if (needed > options.blocks()) {
            throw new UserError("A prompt of " + length + " tokens with max_tokens " + limit + " needs " + needed
                    + " blocks of the cache, which has " + options.blocks()
                    + "; lower max_tokens or shorten the prompt");
        }
        Prefix prefix = new Prefix(prompt.tokens(), prompt.samples(), scoring);
        List<Sequence> sequences = new ArrayList<>();
        for (int sample = 0; sample < prompt.samples(); sample++) {
            sequences.add(
                    new Sequence(first + sample, prefix, Seeds.mix(prompt.seed(), prompt.first() + sample), limit));
        }
        return sequences;
    }

    /** Puts prompts into the cache, as many tokens a pass as its buffers take. */
    private void compute(List<Prefix> prefixes) {
        prefill.clear();
        scored.clear();
        for (Prefix prefix : prefixes) {
            int position = 0;
            while (position < prefix.length()) {
                if (prefill.isFull()) {
                    computePrefill();
                }
                prefill.setBlocks(prefill.sequences(), prefix.blocks);
                int to = Math.min(prefix.length(), position + prefill.freeTokens());
                if (prefix.scoring != null) {
                    scored.add(new Scored(
                            prefix, prefix.scoring.alternatives(), position, prefill.tokens(), to - position));
                }
                for (; position < to; position++) {
                    prefill.add(prefix.token(position), position, prefix.blocks);
                }
                prefill.endSequence(position);
            }
        }
        if (prefill.tokens() > 0) {
            computePrefill();
        }
    }

    private void computePrefill() {
        // Only the cache matters; one row of logits is the fewest there can be.
        prefill.upload();
        forward(prefill, 1);
        scored.forEach(this::score);
        scored.clear();
        prefill.clear();
    }

    /** Positions of a prefix that a pass computes: {@code tokens} from {@code position} on, in its rows from {@code row} on. */
    private record Scored(Prefix prefix, int alternatives, int position, int row, int tokens) {}

    private void score(Scored run) {
        for (int from = 0; from < run.tokens(); from += options.maxBatch()) {
            int count = Math.min(options.maxBatch(), run.tokens() - from);
            Tensor chunk = logits.rows(0, count);
            transformer.logitsAfter(rows.rows(run.row() + from, run.row() + from + count), chunk);
            scorer.look(chunk);
            for (int i = 0; i < count; i++) {
                // What follows a token is drawn from its row.
                int next = run.prefix().token(run.position() + from + i + 1);
                run.prefix().scores.add(scorer.score(i, next, run.alternatives()));
            }
        }
    }

    /** Feeds each sequence's last token and has the next drawn. */
    private Step draw(List<Sequence> rows) {
        decode.clear();
        for (int row = 0; row < rows.size(); row++) {
            Sequence sequence = rows.get(row);
            sampler.seed(row, sequence.nextSeed());
            decode.add(sequence.lastToken(), sequence.lastRow(), sequence.lastPosition(), sequence.blocks);
            decode.endSequence(sequence.lastPosition() + 1);
            sequence.ask(row);
        }
        int padded = steps.padded(rows.size());
        decode.pad(padded, options.blocks());
        for (int row = rows.size(); row < padded; row++) {
            sampler.set(row, UNUSED);
        }
        transformer.prepare();
        decode.upload();
        sampler.upload();
        steps.run(padded);
        return new Step(rows, sampler.drawn());
    }

    private void forward(StepInputs inputs, int wantedRows) {
        transformer.forwardCached(inputs.batch(), cache, rows.rows(0, wantedRows), logits.rows(0, wantedRows));
    }

    private static List<List<Completion>> grouped(List<Prompt> prompts, Completion[] completions) {
        List<List<Completion>> grouped = new ArrayList<>(prompts.size());
        int from = 0;
        for (Prompt prompt : prompts) {
            grouped.add(List.of(completions).subList(from, from + prompt.samples()));
            from += prompt.samples();
        }
        return grouped;
    }

    private int blocksOf(int positions) {
        return (positions + options.blockSize() - 1) / options.blockSize();
    }

    @Override
    public void close() {
        drop();
        steps.close();
        arena.close();
        cache.close();
    }
}
