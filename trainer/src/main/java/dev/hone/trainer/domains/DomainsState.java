package dev.hone.trainer.domains;

import dev.hone.datasets.UserError;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RecipeReader;
import dev.hone.trainer.run.Frozen;
import dev.hone.trainer.run.Interference;
import dev.hone.trainer.run.PhaseScore;
import dev.hone.trainer.run.PhaseTable;
import dev.hone.trainer.run.RunDirectory;
import dev.hone.trainer.run.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The domains of a run as its newest checkpoint has them, for people and programs.
 *
 * @param phases accuracy by phase and domain, in the order measured
 * @param interference what each phase did to each domain measured before
 */
public record DomainsState(
        List<DomainState> domains, List<PhaseScore> phases, List<Interference> interference, List<Thaw> thawed) {

    /**
     * One domain.
     *
     * @param status waiting, curating, trying mixtures, exploring, frozen or refused
     * @param rounds of exploration done; of the domain in turn only
     * @param remedies applied; of the domain in turn only
     */
    public record DomainState(
            String name,
            String status,
            int rounds,
            List<String> remedies,
            @Nullable String hash,
            @Nullable Integer pairs) {}

    /** @throws UserError where the run has no domains, or no checkpoint yet */
    public static DomainsState of(RunDirectory run) {
        Recipe recipe = RecipeReader.read(run.recipe());
        if (!recipe.isMethod()) {
            throw new UserError(
                    run.root() + " has no domains: its recipe gives data; only runs of domains have this state");
        }
        MethodState state = run.newestCheckpoint()
                .map(checkpoint -> RunState.position(checkpoint, MethodState.class))
                .orElse(MethodState.START);
        List<Thaw> thaws = Thaw.of(run);
        for (Thaw asked : thaws.subList(Math.min(state.thaws(), thaws.size()), thaws.size())) {
            state = state.thawing(asked.domain());
        }
        List<DomainState> domains = new ArrayList<>();
        for (int i = 0; i < recipe.domains().size(); i++) {
            domains.add(domain(recipe, state, i));
        }
        return new DomainsState(domains, state.phases(), state.interference(), thaws);
    }

    private static DomainState domain(Recipe recipe, MethodState state, int index) {
        String name = recipe.domains().get(index).name();
        Frozen frozen = state.frozen().stream()
                .filter(dataset -> dataset.domain().equals(name))
                .findFirst()
                .orElse(null);
        if (frozen != null) {
            return new DomainState(name, "frozen", 0, List.of(), frozen.hash(), frozen.pairs());
        }
        if (state.refused().contains(name)) {
            return new DomainState(name, "refused", 0, List.of(), null, null);
        }
        Map<Stage, String> active = Map.of(
                Stage.CURATE, "curating",
                Stage.TRY_MIXTURES, "trying mixtures",
                Stage.EXPLORE, "exploring",
                Stage.CHECK_EARLIER, "exploring");
        if (index != state.domain() || !active.containsKey(state.stage())) {
            return new DomainState(name, "waiting", 0, List.of(), null, null);
        }
        return new DomainState(
                name,
                active.get(state.stage()),
                state.progress().exploration().rounds(),
                recipe.scheduler().remedies().subList(0, state.progress().remedies()),
                null,
                null);
    }

    /** @throws UserError where the domain has no frozen dataset */
    String frozenHash(String domain) {
        return domains.stream()
                .filter(state -> state.name().equals(domain) && state.hash() != null)
                .map(DomainState::hash)
                .findFirst()
                .orElseThrow(() ->
                        new UserError("The domain " + domain + " has no frozen dataset to thaw; the run's domains are "
                                + String.join(
                                        ", ",
                                        domains.stream()
                                                .map(state -> state.name() + " (" + state.status() + ")")
                                                .toList())));
    }

    /** For a terminal. */
    public String table() {
        StringBuilder text = new StringBuilder();
        for (DomainState domain : domains) {
            text.append(String.format(Locale.ROOT, "%-16s %s", domain.name(), domain.status()));
            if (domain.pairs() != null) {
                text.append(String.format(Locale.ROOT, ", %,d pairs, %.12s", domain.pairs(), domain.hash()));
            }
            if (domain.rounds() > 0) {
                text.append(", round ").append(domain.rounds());
            }
            if (!domain.remedies().isEmpty()) {
                text.append(", remedies ").append(String.join(", ", domain.remedies()));
            }
            text.append('\n');
        }
        thawed.forEach(thaw -> text.append(
                String.format("%nthawed %s: %s, %.12s: %s%n", thaw.time(), thaw.domain(), thaw.hash(), thaw.reason())));
        if (!phases.isEmpty()) {
            text.append('\n').append(PhaseTable.of(phases, interference));
        }
        return text.toString();
    }
}
