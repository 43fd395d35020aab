package dev.hone.trainer.domains;

import dev.hone.datasets.UserError;
import dev.hone.datasets.curate.Band;
import dev.hone.datasets.curate.Decontaminator;
import dev.hone.datasets.curate.Deduplicator;
import dev.hone.datasets.curate.LengthFilter;
import dev.hone.datasets.curate.Selection;
import dev.hone.datasets.curate.TeachabilityFilter;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.datasets.solve.Solver;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.run.PairSources;
import dev.hone.trainer.run.Split;
import java.util.ArrayList;
import java.util.List;

/** Chooses, among a domain's candidates, the pairs just beyond what a model can do. */
public final class Curator {

    private final Recipe recipe;
    private final Tokenizer tokenizer;
    private final List<String> heldOut;

    /** Nothing that {@code recipe} judges models by is ever chosen. */
    public Curator(Recipe recipe, Tokenizer tokenizer) {
        this(recipe, tokenizer, HeldOut.of(recipe));
    }

    Curator(Recipe recipe, Tokenizer tokenizer, HeldOut heldOut) {
        this.recipe = recipe;
        this.tokenizer = tokenizer;
        this.heldOut = heldOut.pairs().stream().map(Pair::prompt).toList();
    }

    /**
     * The domain's candidates, each with the number of its source.
     *
     * @throws UserError where one has no response to learn from
     */
    static List<Pair> candidates(Recipe.Domain domain) {
        List<Pair> candidates = new ArrayList<>();
        List<List<Pair>> sources = PairSources.bySource(domain.candidates(), Split.TRAIN);
        for (int i = 0; i < sources.size(); i++) {
            for (Pair pair : sources.get(i)) {
                candidates.add(pair.withMetadata(Mixtures.SOURCE, i + 1));
            }
        }
        for (Pair pair : candidates) {
            if (pair.response() == null) {
                throw new UserError("Candidate " + pair.id() + " of domain " + domain.name()
                        + " has no response to train on; give it one or leave the pair out");
            }
        }
        return candidates;
    }

    /** The domain's candidates without duplicates, what is too long, and what models are judged by. */
    public Selection clean(Recipe.Domain domain) {
        Recipe.Curate settings = recipe.curate();
        return Selection.of(candidates(domain))
                .then(new LengthFilter(tokenizer, recipe.sft().maxLength())::filter)
                .then(new Deduplicator(settings.duplicateThreshold(), recipe.seed())::filter)
                .then(new Decontaminator(heldOut, settings.contaminationNgram())::filter);
    }

    /**
     * Of clean candidates those at the edge of what a model can do.
     *
     * @param solver the model
     */
    public Selection teachable(Selection clean, Solver solver) {
        Recipe.Curate settings = recipe.curate();
        SolveOptions attempts = new SolveOptions(
                settings.attempts(), settings.temperature(), settings.topP(), settings.maxTokens(), recipe.seed());
        return clean.then(new TeachabilityFilter(
                solver, attempts, new Band(settings.minPassRate(), settings.maxPassRate()))::filter);
    }
}
