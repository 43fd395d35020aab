package dev.hone.trainer.report;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a report shows of a run's directory, as far as the run got.
 *
 * @param name of the run
 * @param summary summary.json; null while the run is unfinished
 * @param events what is kept of events.jsonl: all of it, curves of many steps thinned
 * @param unreadable lines of events.jsonl that are no JSON
 * @param evals name, domain, accuracy, low and high of each evaluation, in the order measured
 * @param answers the same problems answered by the base model and by the last
 * @param rollouts what some steps of reinforcement rolled out
 * @param recipe recipe.yaml
 */
record RunData(
        String name,
        @Nullable JsonNode summary,
        List<JsonNode> events,
        long unreadable,
        List<Score> evals,
        List<Answer> answers,
        List<RolloutStep> rollouts,
        String recipe) {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String BASE = "base-";
    private static final int ANSWERS_A_DOMAIN = 4;
    private static final int ROLLOUT_STEPS = 8;
    private static final int LONGEST_TEXT = 20_000;

    record Score(String name, String domain, double accuracy, double low, double high) {}

    record Answer(String domain, String prompt, String answer, List<Completion> completions) {}

    /** The best, the median and the worst completion of a step, by their rewards. */
    record RolloutStep(long step, List<RolledOut> completions) {}

    record RolledOut(String rank, String prompt, String answer, String text, double reward, boolean correct) {}

    record Completion(String phase, String text, boolean correct) {}

    static RunData read(Path directory) {
        EventLog log = new EventLog(directory);
        if (!log.exists()) {
            throw new UserError(directory + " holds no events.jsonl; give the directory of a run");
        }
        log.poll();
        return read(directory, log);
    }

    /** @param log of the same run, polled before */
    static RunData read(Path directory, EventLog log) {
        Path summary = directory.resolve("summary.json");
        Path recipe = directory.resolve("recipe.yaml");
        List<Path> evals = evals(directory);
        return new RunData(
                directory.toAbsolutePath().normalize().getFileName().toString(),
                isOwn(summary) ? json(summary, text(summary)) : null,
                log.events(),
                log.unreadable(),
                evals.stream().map(RunData::score).toList(),
                answers(directory.resolve("samples"), evals),
                rollouts(directory.resolve("samples")),
                isOwn(recipe) ? text(recipe) : "");
    }

    /** The results, in the order in which they were written. */
    private static List<Path> evals(Path directory) {
        List<Path> files = new ArrayList<>(files(directory.resolve("evals"), ".json"));
        files.sort(Comparator.comparing(RunData::modified).thenComparing(Path::getFileName));
        return files;
    }

    private static Score score(Path file) {
        JsonNode eval = json(file, text(file));
        String domain = eval.path("domain").asString("");
        String name = nameOf(file, ".json");
        return new Score(
                name.endsWith("-" + domain) ? name.substring(0, name.length() - domain.length() - 1) : name,
                domain,
                eval.path("accuracy").asDouble(),
                eval.path("interval").path("low").asDouble(),
                eval.path("interval").path("high").asDouble());
    }

    /** Of each domain, problems whose verdict changed first: they tell most. */
    private static List<Answer> answers(Path directory, List<Path> evals) {
        List<Answer> answers = new ArrayList<>();
        for (Path base : files(directory, ".jsonl")) {
            String name = nameOf(base, ".jsonl");
            if (name.startsWith(BASE)) {
                answers.addAll(answers(directory, evals, name.substring(BASE.length()), firstAttempts(base)));
            }
        }
        return answers;
    }

    /** By the base and by whatever answered the same problems last; none where nothing did. */
    private static List<Answer> answers(Path directory, List<Path> evals, String domain, Map<String, JsonNode> before) {
        for (int i = evals.size() - 1; i >= 0; i--) {
            String name = nameOf(evals.get(i), ".json");
            Path samples = directory.resolve(name + ".jsonl");
            if (!name.endsWith("-" + domain) || name.startsWith(BASE) || !isOwn(samples)) {
                continue;
            }
            Map<String, JsonNode> after = firstAttempts(samples);
            after.entrySet().removeIf(sample -> !isSameProblem(before.get(sample.getKey()), sample.getValue()));
            if (!after.isEmpty()) {
                String phase = name.substring(0, name.length() - domain.length() - 1);
                return after.keySet().stream()
                        .sorted(Comparator.comparing(id -> correct(before.get(id)) == correct(after.get(id))))
                        .limit(ANSWERS_A_DOMAIN)
                        .map(id -> answer(
                                domain,
                                before.get(id),
                                List.of(completion("base", before.get(id)), completion(phase, after.get(id)))))
                        .toList();
            }
        }
        return List.of();
    }

    private static boolean isSameProblem(@Nullable JsonNode before, JsonNode after) {
        return before != null && before.path("prompt").equals(after.path("prompt"));
    }

    private static Answer answer(String domain, @Nullable JsonNode sample, List<Completion> completions) {
        return new Answer(domain, field(sample, "prompt"), field(sample, "answer"), completions);
    }

    private static Completion completion(String phase, @Nullable JsonNode sample) {
        return new Completion(phase, field(sample, "completion"), correct(sample));
    }

    /** Of steps spread over the whole, the first and the last among them. */
    private static List<RolloutStep> rollouts(Path directory) {
        List<Path> steps = new ArrayList<>(files(directory, ".jsonl"));
        steps.removeIf(file -> !file.getFileName().toString().matches("rl-step-\\d+\\.jsonl"));
        steps.sort(Comparator.comparingLong(RunData::stepOf));
        int shown = Math.min(ROLLOUT_STEPS, steps.size());
        List<RolloutStep> rollouts = new ArrayList<>();
        for (int i = 0; i < shown; i++) {
            Path file = steps.get(shown == 1 ? 0 : i * (steps.size() - 1) / (shown - 1));
            List<JsonNode> known = new ArrayList<>(lines(file));
            known.removeIf(sample -> !sample.path("reward").isNumber());
            known.sort(Comparator.comparingDouble(
                    (JsonNode sample) -> -sample.path("reward").asDouble()));
            if (!known.isEmpty()) {
                rollouts.add(new RolloutStep(
                        stepOf(file),
                        List.of(
                                rolledOut("best", known.get(0)),
                                rolledOut("median", known.get(known.size() / 2)),
                                rolledOut("worst", known.get(known.size() - 1)))));
            }
        }
        return rollouts;
    }

    private static long stepOf(Path file) {
        return Long.parseLong(file.getFileName().toString().replaceAll("\\D", ""));
    }

    private static RolledOut rolledOut(String rank, JsonNode sample) {
        return new RolledOut(
                rank,
                field(sample, "prompt"),
                field(sample, "answer"),
                field(sample, "completion"),
                sample.path("reward").asDouble(),
                correct(sample));
    }

    private static Map<String, JsonNode> firstAttempts(Path file) {
        Map<String, JsonNode> first = new LinkedHashMap<>();
        lines(file).forEach(sample -> first.putIfAbsent(field(sample, "id"), sample));
        return first;
    }

    private static String field(@Nullable JsonNode sample, String name) {
        String text = sample == null ? "" : sample.path(name).asString("");
        return text.length() <= LONGEST_TEXT
                ? text
                : text.substring(0, LONGEST_TEXT) + "\n… and " + (text.length() - LONGEST_TEXT) + " characters more";
    }

    private static boolean correct(@Nullable JsonNode sample) {
        return sample != null && sample.path("correct").asBoolean(false);
    }

    private static String nameOf(Path file, String ending) {
        String name = file.getFileName().toString();
        return name.substring(0, name.length() - ending.length());
    }

    private static List<Path> files(Path directory, String ending) {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(ending) && isOwn(file))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw unreadable(directory, e);
        }
    }

    /** A file of the run itself: a link could lead to what is not the run's to show. */
    private static boolean isOwn(Path file) {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    private static List<JsonNode> lines(Path file) {
        String text = text(file);
        // A line without its end is still being written.
        return text.substring(0, text.lastIndexOf('\n') + 1)
                .lines()
                .map(line -> json(file, line))
                .toList();
    }

    private static JsonNode json(Path file, String text) {
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            throw new UserError(file + " is not JSON: " + e.getOriginalMessage() + "; restore it or remove it", e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static long modified(Path file) {
        try {
            return Files.getLastModifiedTime(file).toMillis();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static UserError unreadable(Path file, IOException cause) {
        return new UserError("Cannot read " + file + " (" + cause.getMessage() + "); check its permissions", cause);
    }
}
