package dev.hone.trainer.domains;

import dev.hone.benchmarks.Benchmark;
import dev.hone.datasets.pairs.Pair;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.run.PairSources;
import dev.hone.trainer.run.Split;
import java.util.List;
import java.util.stream.Stream;

/**
 * The problems of a recipe that are never trained on.
 *
 * @param benchmarks what results are reported on, a domain each
 * @param validations what says when a domain is saturated, a domain each
 */
record HeldOut(List<Benchmark> benchmarks, List<Benchmark> validations) {

    static HeldOut of(Recipe recipe) {
        return new HeldOut(
                recipe.domains().stream()
                        .map(domain -> new Benchmark(
                                domain.name(), domain.name(), PairSources.read(domain.benchmark(), Split.BENCHMARK)))
                        .toList(),
                recipe.domains().stream()
                        .map(domain -> new Benchmark(
                                domain.name() + "-validation",
                                domain.name(),
                                PairSources.read(domain.validation(), Split.VALIDATION)))
                        .toList());
    }

    List<Pair> pairs() {
        return Stream.concat(benchmarks.stream(), validations.stream())
                .flatMap(benchmark -> benchmark.pairs().stream())
                .toList();
    }
}
