package dev.hone.benchmarks;

import dev.hone.datasets.Sha256;
import dev.hone.datasets.UserError;
import dev.hone.datasets.verify.FollowedInstruction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model's evaluation in the files of lm-evaluation-harness, for what reads those: {@code <model>/results_<date>.json},
 * which holds all tasks, and {@code <model>/samples_<task>_<date>.jsonl} of each, one line a problem.
 */
public final class LmEvalFiles {

    private static final JsonMapper JSON = new JsonMapper();

    private LmEvalFiles() {}

    /**
     * A benchmark as the harness's task.
     *
     * @param samplesJsonl what {@link Evaluator} logged
     * @param source of the problems
     */
    public record Task(EvalResult result, Path samplesJsonl, String source) {}

    /**
     * Writes all.
     *
     * @param model its name in the files, such as a folder
     * @param time that tells this evaluation's files from others'
     * @return the results' file
     */
    public static Path write(Path folder, List<Task> tasks, String model, LocalDateTime time) {
        String name = model.replaceAll("[\"<>:/|\\\\?*\\[\\]]+", "__");
        String date = time.toString().replace(':', '-');
        Path file = folder.resolve(name).resolve("results_" + date + ".json");
        String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(results(tasks, model, name, time));
        ResultFile.write(file, writer -> writer.write(text));
        for (Task task : tasks) {
            String samples = "samples_" + task.result().benchmark() + "_" + date + ".jsonl";
            List<ObjectNode> lines = samples(task.result(), task.samplesJsonl());
            ResultFile.write(file.resolveSibling(samples), writer -> {
                for (ObjectNode line : lines) {
                    writer.write(JSON.writeValueAsString(line));
                    writer.write('\n');
                }
            });
        }
        return file;
    }

    private static ObjectNode results(List<Task> tasks, String model, String name, LocalDateTime time) {
        ObjectNode json = JSON.createObjectNode();
        tasks.forEach(task -> put(json, task.result(), task.source()));
        ObjectNode run = json.putObject("config");
        run.put("model", "hone").put("model_args", "pretrained=" + model).put("batch_size", "auto");
        run.put("random_seed", tasks.get(0).result().protocol().seed());
        json.putNull("git_hash");
        json.put("date", (double) time.toEpochSecond(ZoneOffset.UTC));
        json.put("model_source", "hone").put("model_name", model).put("model_name_sanitized", name);
        return json;
    }

    /** The blocks that have an entry for each task. */
    private static void put(ObjectNode json, EvalResult result, String source) {
        String task = result.benchmark();
        ObjectNode figures = json.withObjectProperty("results").putObject(task);
        figures.put("alias", task);
        result.putHarnessFigures(figures);
        result.passAtK().forEach((k, share) -> {
            figures.put("pass@" + k + ",none", share);
            figures.put("pass@" + k + "_stderr,none", "N/A");
        });
        figures.put("maj@" + result.attempts() + ",none", result.majAtK());
        figures.put("maj@" + result.attempts() + "_stderr,none", "N/A");
        json.withObjectProperty("group_subtasks").putArray(task);
        ObjectNode config = json.withObjectProperty("configs").putObject(task);
        config.put("task", task).put("dataset_path", source).put("output_type", "generate_until");
        config.put("repeats", result.attempts()).put("num_fewshot", result.numFewshot());
        if (result.fewshot() != null) {
            config.putObject("fewshot_config").put("sampler", result.fewshot().sampler());
            config.put("fewshot_as_multiturn", result.fewshot().multiturn());
        }
        config.set("generation_kwargs", generation(result.protocol()));
        ArrayNode metrics = config.putArray("metric_list");
        metrics(result)
                .forEach(metric -> metrics.addObject().put("metric", metric).put("higher_is_better", true));
        config.putObject("metadata").put("version", 1.0);
        json.withObjectProperty("versions").put(task, 1.0);
        json.withObjectProperty("n-shot").put(task, result.numFewshot());
        ObjectNode higherIsBetter = json.withObjectProperty("higher_is_better").putObject(task);
        metrics(result).forEach(metric -> higherIsBetter.put(metric, true));
        json.withObjectProperty("n-samples")
                .putObject(task)
                .put("original", result.n())
                .put("effective", result.n());
    }

    private static List<String> metrics(EvalResult result) {
        List<String> metrics = new ArrayList<>(List.of("acc"));
        if (result.instructions() != null) {
            metrics.addAll(result.instructions().byMetric().keySet());
        }
        return metrics;
    }

    private static ObjectNode generation(Protocol protocol) {
        ObjectNode json = JSON.createObjectNode();
        json.set("until", JSON.valueToTree(protocol.until()));
        return json.put("do_sample", protocol.temperature() > 0)
                .put("temperature", protocol.temperature())
                .put("top_k", protocol.topK() == null ? 0 : protocol.topK())
                .put("top_p", protocol.topP())
                .put("max_gen_toks", protocol.maxTokens());
    }

    private static List<ObjectNode> samples(EvalResult result, Path samplesJsonl) {
        Map<String, List<Sample>> byProblem = new LinkedHashMap<>();
        try {
            for (String line : Files.readAllLines(samplesJsonl)) {
                Sample sample = JSON.readValue(line, Sample.class);
                byProblem.computeIfAbsent(sample.id(), id -> new ArrayList<>()).add(sample);
            }
        } catch (IOException | JacksonException e) {
            throw new UserError(
                    samplesJsonl + " cannot be read as samples (" + UserError.reason(e) + "); evaluate again");
        }
        List<ObjectNode> problems = new ArrayList<>();
        byProblem.values().forEach(attempts -> problems.add(problem(problems.size(), attempts, result)));
        return problems;
    }

    private static ObjectNode problem(int number, List<Sample> attempts, EvalResult result) {
        Sample first = attempts.get(0);
        ObjectNode json = JSON.createObjectNode();
        json.put("doc_id", number);
        ObjectNode doc = json.putObject("doc");
        doc.put("id", first.id()).put("prompt", first.prompt()).put("answer", first.answer());
        json.put("target", first.answer());
        ObjectNode arguments = json.putObject("arguments").putObject("gen_args_0");
        arguments.put("arg_0", first.prompt());
        arguments.set("arg_1", generation(result.protocol()));
        ArrayNode responses = json.putArray("resps").addArray();
        ArrayNode filtered = json.putArray("filtered_resps");
        for (Sample attempt : attempts) {
            responses.add(attempt.completion());
            filtered.add(attempt.extracted() == null ? "" : attempt.extracted());
        }
        json.put("filter", "none");
        json.set("metrics", JSON.valueToTree(metrics(result)));
        json.put("doc_hash", hash(doc.toString()));
        json.put("prompt_hash", hash(first.prompt()));
        json.put("target_hash", hash(first.answer()));
        json.put("acc", result.problems().get(first.id()));
        InstructionScores scores = InstructionScores.of(List.of(attempts));
        if (scores != null) {
            json.put("prompt_level_strict_acc", scores.promptStrict().accuracy());
            json.set("inst_level_strict_acc", each(attempts, FollowedInstruction::strict));
            json.put("prompt_level_loose_acc", scores.promptLoose().accuracy());
            json.set("inst_level_loose_acc", each(attempts, FollowedInstruction::loose));
        }
        return json;
    }

    private static ArrayNode each(List<Sample> attempts, Predicate<FollowedInstruction> isFollowed) {
        ArrayNode followed = JSON.createArrayNode();
        attempts.stream()
                .flatMap(attempt -> attempt.instructions().stream())
                .forEach(instruction -> followed.add(isFollowed.test(instruction)));
        return followed;
    }

    private static String hash(String text) {
        return HexFormat.of().formatHex(Sha256.bytes(text));
    }
}
