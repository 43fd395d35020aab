package dev.hone.trainer.domains;

import dev.hone.benchmarks.PairedComparison;
import dev.hone.benchmarks.PairedComparison.Outcome;
import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.trainer.recipe.MixtureKeys;
import java.util.ArrayList;
import java.util.List;

/** The ways to make a domain's dataset of what curation found, and which of them teaches most. */
final class Mixtures {

    /** A curated pair's place in its domain's list of candidates, counted from 1. */
    static final String SOURCE = "source";

    private Mixtures() {}

    /**
     * The pairs of a mixture.
     *
     * @param curated with their {@code pass_rate} and {@code source}
     * @throws UserError where none is left
     */
    static List<Pair> select(MixtureKeys mixture, List<Pair> curated) {
        List<Pair> band = curated.stream()
                .filter(pair -> passRate(pair) >= mixture.minPassRate() && passRate(pair) <= mixture.maxPassRate())
                .toList();
        List<Pair> weighted = mixture.sourceWeights().isEmpty() ? band : weighted(mixture.sourceWeights(), band);
        List<Pair> selected = Subset.of(weighted, mixture.share());
        if (selected.isEmpty()) {
            throw new UserError("The mixture " + mixture.name() + " takes none of the " + curated.size()
                    + " teachable pairs; widen its pass rates, weights or share");
        }
        return selected;
    }

    private static double passRate(Pair pair) {
        return ((Number) pair.metadata().getOrDefault("pass_rate", 0.0)).doubleValue();
    }

    /** The heaviest source is taken whole, the others in proportion. */
    private static List<Pair> weighted(List<Double> weights, List<Pair> pairs) {
        double heaviest =
                weights.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        List<Pair> taken = new ArrayList<>();
        for (int source = 1; source <= weights.size(); source++) {
            int number = source;
            taken.addAll(Subset.of(
                    pairs.stream()
                            .filter(pair -> ((Number) pair.metadata().getOrDefault(SOURCE, 0)).intValue() == number)
                            .toList(),
                    heaviest == 0 ? 0 : weights.get(source - 1) / heaviest));
        }
        return taken;
    }

    /**
     * The place of the mixture to keep: the first, unless others are better than it beyond chance; then the most accurate
     * of those.
     *
     * @param others each other mixture's trial, compared with the first's
     */
    static int best(List<PairedComparison> others) {
        int best = 0;
        double gain = 0;
        for (int i = 0; i < others.size(); i++) {
            PairedComparison other = others.get(i);
            if (other.outcome() == Outcome.BETTER && other.difference() > gain) {
                best = i + 1;
                gain = other.difference();
            }
        }
        return best;
    }
}
