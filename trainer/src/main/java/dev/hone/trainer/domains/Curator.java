package dev.hone.trainer.domains;

import dev.hone.datasets.curate.Band;
import dev.hone.datasets.curate.Decontaminator;
import dev.hone.datasets.curate.Deduplicator;
import dev.hone.datasets.curate.Selection;
import dev.hone.datasets.curate.TeachabilityFilter;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.datasets.solve.Solver;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.run.PairSources;
import dev.hone.trainer.run.Split;
import java.util.List;

/** Chooses, among a domain's candidates, the pairs just beyond what a model can do. */
public final class Curator {

    private final Recipe recipe;
    private final List<String> heldOut;

    /** Nothing that {@code recipe} judges models by is ever chosen. */
    public Curator(Recipe recipe) {
        this(recipe, HeldOut.of(recipe));
    }

    Curator(Recipe recipe, HeldOut heldOut) {
        this.recipe = recipe;
        this.heldOut = heldOut.pairs().stream().map(Pair::prompt).toList();
    }

    /** @param solver the model */
    public Selection curate(Recipe.Domain domain, Solver solver) {
        Recipe.Curate settings = recipe.curate();
        SolveOptions attempts = new SolveOptions(
                settings.attempts(), settings.temperature(), settings.topP(), settings.maxTokens(), recipe.seed());
        return Selection.of(PairSources.read(domain.candidates(), Split.TRAIN))
                .then(new Deduplicator(settings.duplicateThreshold(), recipe.seed())::filter)
                .then(new Decontaminator(heldOut, settings.contaminationNgram())::filter)
                .then(
                        new TeachabilityFilter(
                                solver, attempts, new Band(settings.minPassRate(), settings.maxPassRate()))::filter);
    }
}
