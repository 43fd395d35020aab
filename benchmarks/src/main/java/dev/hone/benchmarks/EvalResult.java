package dev.hone.benchmarks;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a benchmark measured.
 *
 * @param accuracy avg@k: the share of correct attempts
 * @param interval of the accuracy, 95%, the problems being the independent draws: see {@link ClusterInterval}
 * @param standardError of the accuracy, over problems
 * @param n problems
 * @param attempts at each
 * @param passAtK by k: the powers of two up to {@code attempts}
 * @param majAtK maj@k with k = {@code attempts}
 * @param finishedShare attempts that ended by themselves, not at the token limit
 * @param meanTokens of a completion
 * @param errors attempts on which the verifier itself failed; they count as wrong
 * @param instructions how the problems' instructions were followed; null where they have none
 * @param fewshot which examples stood before the problems; null where none did
 * @param evaluation tells this evaluation from others, of another model, protocol or problems; null where that was not
 *     asked for
 * @param problems share of correct attempts by problem id
 */
public record EvalResult(
        String benchmark,
        String domain,
        double accuracy,
        Interval interval,
        double standardError,
        int n,
        int attempts,
        Map<Integer, Double> passAtK,
        double majAtK,
        double finishedShare,
        double meanTokens,
        int errors,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable InstructionScores instructions,
        Protocol protocol,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable FewShotIdentity fewshot,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String evaluation,
        Map<String, Double> problems) {

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    public EvalResult {
        passAtK = Collections.unmodifiableMap(new LinkedHashMap<>(passAtK));
        problems = Collections.unmodifiableMap(new LinkedHashMap<>(problems));
    }

    /** Examples before each problem. */
    int numFewshot() {
        return fewshot == null ? 0 : fewshot.number();
    }

    /** The same, known as what one evaluation measured. */
    EvalResult of(String evaluation) {
        return new EvalResult(
                benchmark,
                domain,
                accuracy,
                interval,
                standardError,
                n,
                attempts,
                passAtK,
                majAtK,
                finishedShare,
                meanTokens,
                errors,
                instructions,
                protocol,
                fewshot,
                evaluation,
                problems);
    }

    /** The record in snake case, and a block {@code results} in the form of lm-evaluation-harness. */
    public String toJson() {
        ObjectNode json = JSON.valueToTree(this);
        ObjectNode figures = json.putObject("results").putObject(benchmark);
        figures.put("alias", benchmark);
        putHarnessFigures(figures);
        return JSON.writeValueAsString(json);
    }

    /** The accuracy, and the scores of instructions where there are any, by the names of lm-evaluation-harness. */
    void putHarnessFigures(ObjectNode figures) {
        figures.put("acc,none", accuracy).put("acc_stderr,none", standardError);
        if (instructions != null) {
            instructions
                    .byMetric()
                    .forEach((metric, score) -> figures.put(metric + ",none", score.accuracy())
                            .put(metric + "_stderr,none", score.standardError()));
        }
    }

    /** Writes the JSON whole or not at all. */
    public void write(Path file) {
        ResultFile.write(file, writer -> writer.write(toJson()));
    }

    /** Reads what {@link #write} wrote. Throws {@link UserError} naming the file when it is something else. */
    public static EvalResult read(Path file) {
        try {
            return JSON.readValue(Files.readString(file), EvalResult.class);
        } catch (IOException e) {
            throw new UserError("Cannot read the evaluation " + file + "; check the path and its permissions");
        } catch (JacksonException e) {
            throw new UserError(file + " is not an evaluation's result: " + e.getOriginalMessage()
                    + "; name a file of a run's evals/");
        }
    }
}
