package dev.hone.trainer.domains;

import dev.hone.datasets.UserError;
import dev.hone.datasets.curate.Selection;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.trainer.recipe.DomainKeys;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.SchedulerKeys;
import dev.hone.trainer.run.DataCounts;
import dev.hone.trainer.run.PairSources;
import dev.hone.trainer.run.RlStage;
import dev.hone.trainer.run.SftStage;
import dev.hone.trainer.run.Split;
import dev.hone.trainer.run.Teachable;
import dev.hone.trainer.run.Tokenizing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a run of the whole method is judged by.
 *
 * @param lossPairs whose loss is measured
 */
public record MethodData(HeldOut heldOut, List<TokenizedPair> lossPairs) {

    /** @throws UserError where the recipe's problems or candidates cannot be had, before anything is computed */
    public static MethodData open(Recipe recipe, Tokenizing tokenizing) {
        HeldOut heldOut = HeldOut.of(recipe);
        List<TokenizedPair> lossPairs =
                tokenizing.tokenized(PairSources.read(recipe.evaluation().data(), Split.VALIDATION), recipe.sft());
        recipe.domains().forEach(domain -> RlStage.require(recipe, Curator.candidates(domain)));
        return new MethodData(heldOut, lossPairs);
    }

    /**
     * What is left of each domain's candidates before a model attempts them, and the most steps that can follow.
     *
     * @throws UserError where nothing is left of a domain's
     */
    public DataCounts counts(Recipe recipe, Tokenizing tokenizing, Curator curator) {
        SchedulerKeys scheduler = recipe.scheduler();
        Map<String, DataCounts.Domain> domains = new LinkedHashMap<>();
        Map<String, Long> steps = new LinkedHashMap<>();
        List<Pair> all = new ArrayList<>();
        for (DomainKeys domain : recipe.domains()) {
            Selection clean = curator.clean(domain);
            requireTeachable(domain, clean);
            domains.put(domain.name(), DataCounts.Domain.of(tokenizing.tokenized(clean.kept(), recipe.sft())));
            steps.put("explore " + domain.name(), (long) scheduler.roundSteps() * scheduler.maxRounds());
            all.addAll(clean.kept());
        }
        steps.put("scale", SftStage.steps(recipe.scale(), tokenizing.tokenized(all, recipe.scale())));
        if (recipe.rl() != null) {
            long turns = recipe.rl().isInTurn() ? recipe.domains().size() : 1;
            steps.put("rl", turns * recipe.rl().maxSteps());
        }
        return new DataCounts(domains, recipe.sft().maxLength(), steps);
    }

    /** Throws {@link UserError} where nothing is left of a domain's candidates. */
    static void requireTeachable(DomainKeys domain, Selection selection) {
        if (selection.kept().isEmpty()) {
            Teachable found = Teachable.of(selection);
            throw new UserError("None of the " + found.candidates() + " candidates of domain " + domain.name()
                    + " is teachable: " + found + "; give others, or widen curate.min_pass_rate and max_pass_rate");
        }
    }
}
