package dev.hone.benchmarks;

import dev.hone.datasets.Sha256;
import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Asked;
import dev.hone.datasets.pairs.Chat;
import dev.hone.datasets.pairs.Pair;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Worked examples that are shown before each problem: as turns of a conversation, or as text, one after another. A
 * problem is never its own example.
 */
public final class Examples {

    /** Between texts, as lm-evaluation-harness's fewshot_delimiter. */
    static final String BLANK_LINE = "\n\n";

    private final List<Pair> pool;
    /** By what they ask, how many of the pool ask it. */
    private final Map<String, Integer> asking = new HashMap<>();

    private final int number;
    private final FewShot.Sampler sampler;
    private final long seed;
    private final boolean multiturn;
    private final List<String> until;
    private final int leftOut;

    /**
     * @param pairs the examples there are, each with its response
     * @param number shown before each problem
     * @param multiturn whether they are turns of a conversation
     * @param until what ends completions. Examples whose responses hold one of these are left out: they would show what is
     *     cut off.
     */
    public Examples(List<Pair> pairs, FewShot described, int number, boolean multiturn, List<String> until) {
        this.pool = pairs.stream()
                .filter(pair -> until.stream().noneMatch(response(pair)::contains))
                .toList();
        pool.forEach(pair -> asking.merge(question(pair), 1, Integer::sum));
        this.number = number;
        this.sampler = described.sampler();
        this.seed = described.seed();
        this.multiturn = multiturn;
        this.until = List.copyOf(until);
        this.leftOut = pairs.size() - pool.size();
    }

    /** What ends completions after these examples. */
    public List<String> until() {
        return until;
    }

    /** Examples that are not shown, because their responses hold what ends completions. */
    public int leftOut() {
        return leftOut;
    }

    /**
     * The examples shown before a problem, in their order.
     *
     * @throws UserError where there are not as many beside the problem itself
     */
    List<Pair> before(Pair problem) {
        // Rows of other files may hold the same problem: what counts is what it asks.
        String question = question(problem);
        int others = pool.size() - asking.getOrDefault(question, 0);
        if (others < number) {
            throw new UserError(number + " examples are to be shown before problem " + problem.id() + ", but there are "
                    + others + " others than it"
                    + (leftOut == 0 ? "" : " whose responses hold none of what ends completions, " + quoted(until))
                    + "; lower --num-fewshot, or correct fewshot in the benchmark's description");
        }
        Stream<Pair> inOrder = sampler == FewShot.Sampler.FIRST_N ? pool.stream() : shuffled(question);
        return inOrder.filter(pair -> !question(pair).equals(question))
                .limit(number)
                .toList();
    }

    /** By the problem's own words, so that whatever else is asked, and in whatever order, its examples are the same. */
    private Stream<Pair> shuffled(String question) {
        byte[] hash = Sha256.bytes(seed + "\n" + question);
        return new Random(ByteBuffer.wrap(hash).getLong())
                .ints(0, pool.size())
                .distinct()
                .mapToObj(pool::get);
    }

    private static String question(Pair pair) {
        return pair.prompt().strip();
    }

    /** The problem with its examples before it. */
    Asked asked(Pair problem) {
        List<Pair> examples = before(problem);
        StringBuilder text = new StringBuilder();
        List<Map<String, @Nullable Object>> messages = new ArrayList<>();
        for (Pair example : examples) {
            text.append(example.prompt()).append(response(example)).append(BLANK_LINE);
            messages.addAll(example.asked().messages().messages());
            messages.add(Chat.message("assistant", response(example)));
        }
        text.append(problem.prompt());
        messages.addAll(problem.asked().messages().messages());
        return new Asked(text.toString(), multiturn ? Chat.of(messages) : null);
    }

    /** What tells an evaluation with these before its problems from others. */
    FewShotIdentity identity(List<Pair> problems) {
        String[] shown = problems.stream()
                .flatMap(problem -> before(problem).stream())
                .distinct()
                .flatMap(example -> Stream.of(example.prompt(), response(example)))
                .toArray(String[]::new);
        return new FewShotIdentity(
                number,
                sampler.toString(),
                sampler == FewShot.Sampler.RANDOM ? seed : null,
                multiturn,
                Sha256.of(shown));
    }

    private static String response(Pair example) {
        return Objects.requireNonNull(example.response()).strip();
    }

    private static String quoted(List<String> texts) {
        return String.join(
                ", ",
                texts.stream()
                        .map(text -> "\"" + text.replace("\n", "\\n") + "\"")
                        .toList());
    }
}
