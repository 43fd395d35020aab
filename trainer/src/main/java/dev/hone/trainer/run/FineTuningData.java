package dev.hone.trainer.run;

import dev.hone.benchmarks.Benchmark;
import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.Preference;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.sft.SftTrainer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a run on a recipe's {@code data} learns from and is judged by.
 *
 * @param pairs those of {@code data}
 * @param learned the same as the model sees them; none where their responses are not learned
 * @param heldOut whose loss is measured
 */
public record FineTuningData(
        List<Pair> pairs,
        List<Preference> preferences,
        List<TokenizedPair> learned,
        List<TokenizedPair> heldOut,
        List<Benchmark> benchmarks) {

    /** @throws UserError where the recipe's pairs cannot be had or learnt from, before anything is computed */
    public static FineTuningData open(Recipe recipe, Tokenizing tokenizing) {
        List<Pair> pairs = PairSources.read(recipe.data(), Split.TRAIN);
        RlStage.require(recipe, pairs);
        List<Preference> preferences = recipe.dpo() == null ? List.of() : DpoStage.preferences(recipe.dpo());
        List<TokenizedPair> learned = List.of();
        if (isFineTuned(recipe) && recipe.rejectionSampling() == null) {
            learned = tokenizing.tokenized(pairs, recipe.sft());
            SftTrainer.requireSome(learned);
        }
        return new FineTuningData(
                pairs,
                preferences,
                learned,
                tokenizing.tokenized(PairSources.read(recipe.evaluation().data(), Split.VALIDATION), recipe.sft()),
                benchmarks(PairSources.read(recipe.evaluation().benchmark(), Split.BENCHMARK)));
    }

    static boolean isFineTuned(Recipe recipe) {
        int steps = recipe.sft().maxSteps();
        return steps > 0 || (steps < 0 && recipe.sft().numTrainEpochs() > 0);
    }

    private static List<Benchmark> benchmarks(List<Pair> problems) {
        Map<String, List<Pair>> byDomain = new LinkedHashMap<>();
        problems.forEach(pair -> byDomain.computeIfAbsent(pair.domain(), domain -> new ArrayList<>())
                .add(pair));
        return byDomain.entrySet().stream()
                .map(domain -> new Benchmark(domain.getKey(), domain.getKey(), domain.getValue()))
                .toList();
    }

    /** What {@code recipe} makes of them. */
    public DataCounts counts(Recipe recipe) {
        Map<String, String> domains =
                pairs.stream().collect(Collectors.toMap(Pair::id, Pair::domain, (first, same) -> first));
        Map<String, List<TokenizedPair>> byDomain =
                learned.stream().collect(Collectors.groupingBy(pair -> domains.get(pair.id()), Collectors.toList()));
        Map<String, DataCounts.Domain> counts = new LinkedHashMap<>();
        for (Pair pair : pairs) {
            counts.computeIfAbsent(
                    pair.domain(), domain -> DataCounts.Domain.of(byDomain.getOrDefault(domain, List.of())));
        }
        Map<String, Long> steps = new LinkedHashMap<>();
        if (!learned.isEmpty()) {
            steps.put("sft", SftStage.steps(recipe.sft(), learned));
        }
        if (recipe.dpo() != null) {
            steps.put("dpo", DpoStage.steps(recipe.dpo(), preferences.size()));
        }
        if (recipe.rl() != null) {
            steps.put("rl", (long) recipe.rl().maxSteps());
        }
        return new DataCounts(counts, recipe.sft().maxLength(), steps);
    }
}
