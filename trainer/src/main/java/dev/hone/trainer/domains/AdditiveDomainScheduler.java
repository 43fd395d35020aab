package dev.hone.trainer.domains;

import dev.hone.benchmarks.Benchmark;
import dev.hone.benchmarks.EvalResult;
import dev.hone.benchmarks.PairedComparison;
import dev.hone.datasets.UserError;
import dev.hone.datasets.curate.Selection;
import dev.hone.datasets.pairs.FrozenDataset;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.PairReader;
import dev.hone.datasets.pairs.PairWriter;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.run.Evaluations;
import dev.hone.trainer.run.Frozen;
import dev.hone.trainer.run.PhaseScore;
import dev.hone.trainer.run.Progress;
import dev.hone.trainer.run.Results;
import dev.hone.trainer.run.RlStage;
import dev.hone.trainer.run.Run;
import dev.hone.trainer.run.SftStage;
import dev.hone.trainer.run.Teachable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The additive method (Abdin et al. 2025, "Phi-4-reasoning", section 3): tunes one domain until its benchmark saturates,
 * freezes that domain's dataset, adds the next domain, then trains on all frozen datasets together, and reinforces. What
 * comes next follows from a {@link MethodState} alone, which every checkpoint holds.
 */
public final class AdditiveDomainScheduler {

    private static final String BASE = "base";
    private static final String SCALE = "scale";
    private static final String RL = "rl";

    private final Run run;
    private final Recipe recipe;
    private final HeldOut heldOut;
    private final Evaluations evaluations;
    private final Curator curator;
    private MethodState state;

    /** @throws UserError where the recipe's problems cannot be had, before anything is computed */
    public AdditiveDomainScheduler(Run run) {
        this.run = run;
        this.recipe = run.recipe();
        this.heldOut = HeldOut.of(recipe);
        this.evaluations = new Evaluations(run);
        this.curator = new Curator(recipe, run.learner().tokenizer(), heldOut);
        this.state = run.position(MethodState.class, MethodState.START);
        recipe.domains().forEach(Curator::candidates);
    }

    /** Goes on from where the run stands, to its end. */
    public void run() {
        while (state.stage() != Stage.DONE) {
            switch (state.stage()) {
                case EVALUATE_BASE ->
                    reach(state.with(evaluate(BASE, domains())).to(Stage.CURATE));
                case CURATE -> curate();
                case EXPLORE -> explore();
                case EVALUATE_DOMAIN -> evaluateDomain();
                case SCALE -> scale();
                case EVALUATE_SCALE ->
                    reach(state.with(evaluate(SCALE, domains())).to(recipe.rl() == null ? Stage.DONE : Stage.RL));
                case RL -> reinforce();
                case EVALUATE_RL -> reach(state.with(evaluate(RL, domains())).to(Stage.DONE));
                case DONE -> throw new IllegalStateException("Nothing follows " + state.stage());
            }
        }
        run.finish(Results.of(
                run, evaluations, state.phases(), state.teachable(), state.frozen(), List.of(BASE, SCALE, RL)));
    }

    private int domains() {
        return recipe.domains().size();
    }

    private Recipe.Domain domain() {
        return recipe.domains().get(state.domain());
    }

    private void reach(MethodState next) {
        state = next;
        run.reached(next);
    }

    private void startPhase(String phase, String kind, int pairs) {
        // Entered in its middle, a phase has been announced before.
        if (state.stageStep() == 0) {
            run.event("phase_started", phase, Map.of("kind", kind, "pairs", pairs));
        }
    }

    // ---- one domain ------------------------------------------------------------------------------------------------

    /** Chooses what the base model can almost do. */
    private void curate() {
        String name = domain().name();
        run.event("phase_started", "curate " + name, Map.of("kind", "curate"));
        run.learner().resetToBase();
        Selection clean = curator.clean(domain());
        long attempts = (long) clean.kept().size() * recipe.curate().attempts();
        Selection selection;
        try (Progress progress = run.output().progress("curate " + name, 0, attempts)) {
            selection = curator.teachable(clean, run.learner().solver(progress.generation(run::stopIfAsked)));
        }
        Teachable found = Teachable.of(selection);
        run.output().line(name + ": " + found);
        if (selection.kept().isEmpty()) {
            throw new UserError("None of the " + found.candidates() + " candidates of domain " + name
                    + " is teachable: " + found + "; give others, or widen curate.min_pass_rate and max_pass_rate");
        }
        PairWriter.write(curated(), selection.kept());
        run.event(
                "curated",
                "curate " + name,
                Map.of(
                        "domain", name,
                        "candidates", found.candidates(),
                        "kept", found.kept(),
                        "dropped", found.dropped()));
        reach(state.with(found).to(Stage.EXPLORE));
    }

    private Path curated() {
        return run.directory().curated().resolve(domain().name() + ".jsonl");
    }

    /** Rounds of fine-tuning from the base on what is frozen and this domain's pairs, each followed by a validation. */
    private void explore() {
        String name = domain().name();
        List<Pair> own = PairReader.read(curated());
        List<Pair> pairs = new ArrayList<>(frozenPairs());
        pairs.addAll(own);
        startPhase(name, "explore", pairs.size());
        Benchmark validation = heldOut.validations().get(state.domain());
        if (state.stageStep() == 0) {
            run.learner().resetToBase();
            evaluations.evaluate(round(0), validation);
        }
        int roundSteps = recipe.scheduler().roundSteps();
        SftStage stage = new SftStage(
                run,
                name,
                recipe.sft(),
                run.learner().tokenized(pairs, recipe.sft()),
                List.of(),
                roundSteps * recipe.scheduler().maxRounds(),
                state.stageStep());
        while (!state.exploration().isOver(recipe.scheduler())) {
            long end = (long) roundSteps * (state.exploration().rounds() + 1);
            stage.train(state.stageStep(), end, step -> state = state.at(step));
            validate(validation);
        }
        freeze(own);
    }

    private void validate(Benchmark validation) {
        Exploration before = state.exploration();
        EvalResult result = evaluations.evaluate(round(before.rounds() + 1), validation);
        PairedComparison gain =
                PairedComparison.of(evaluations.of(round(before.reference()), validation.domain()), result);
        Exploration after = before.validated(gain.outcome() == PairedComparison.Outcome.BETTER);
        run.output()
                .line(String.format(
                        Locale.ROOT,
                        "%s round %d: %s than after round %d%s",
                        domain().name(),
                        after.rounds(),
                        gain.verdict(),
                        before.reference(),
                        after.isSaturated(recipe.scheduler()) ? "; saturated" : ""));
        reach(state.with(after));
    }

    private static String round(int round) {
        return "validation-" + round;
    }

    private void freeze(List<Pair> pairs) {
        String name = domain().name();
        Map<String, Object> provenance = new LinkedHashMap<>();
        provenance.put(
                "candidates", recipe.domains().get(state.domain()).candidates().toString());
        provenance.put("model", String.valueOf(recipe.model().path()));
        provenance.put("attempts", recipe.curate().attempts());
        provenance.put("min_pass_rate", recipe.curate().minPassRate());
        provenance.put("max_pass_rate", recipe.curate().maxPassRate());
        provenance.put("seed", recipe.seed());
        provenance.put("rounds", state.exploration().rounds());
        FrozenDataset dataset = FrozenDataset.freeze(run.directory().datasets(), name, pairs, provenance);
        run.event("frozen", name, Map.of("domain", name, "hash", dataset.hash(), "pairs", pairs.size()));
        run.output().line(name + ": " + pairs.size() + " pairs frozen as " + dataset.directory());
        reach(state.with(new Frozen(name, dataset.hash(), pairs.size())).to(Stage.EVALUATE_DOMAIN));
    }

    private List<Pair> frozenPairs() {
        List<Pair> pairs = new ArrayList<>();
        for (Frozen frozen : state.frozen()) {
            pairs.addAll(FrozenDataset.open(
                            run.directory().datasets().resolve(frozen.domain()).resolve(frozen.hash()))
                    .pairs());
        }
        return pairs;
    }

    /** Judges all domains so far, and whether this one was learnt at the cost of an earlier one. */
    private void evaluateDomain() {
        String phase = domain().name();
        List<PhaseScore> scores = evaluate(phase, state.domain() + 1);
        for (PhaseScore score : scores.subList(0, state.domain())) {
            interference(phase, score.domain());
        }
        reach(state.with(scores).toNextDomain(domains()));
    }

    private void interference(String phase, String domain) {
        String earlier = state.phases().stream()
                .filter(score -> score.domain().equals(domain))
                .reduce((first, second) -> second)
                .map(PhaseScore::name)
                .orElseThrow();
        PairedComparison change = PairedComparison.of(evaluations.of(earlier, domain), evaluations.of(phase, domain));
        boolean worse = change.outcome() == PairedComparison.Outcome.WORSE;
        run.event(
                "interference",
                phase,
                Map.of(
                        "domain", domain,
                        "before", change.before(),
                        "after", change.after(),
                        "p_value", change.pValue(),
                        "significant", worse));
        if (!worse) {
            return;
        }
        String found =
                "learning " + phase + " made " + domain + " " + change.verdict() + ", compared with after " + earlier;
        if (recipe.scheduler().onInterference().equals("stop")) {
            throw new UserError("Stopped: " + found + "; change the candidates of " + phase
                    + ", or set scheduler.on_interference to warn in "
                    + run.directory().recipe()
                    + " and resume the run");
        }
        run.output().line("warning: " + found);
    }

    // ---- all domains -----------------------------------------------------------------------------------------------

    private void scale() {
        List<Pair> pairs = frozenPairs();
        startPhase(SCALE, SCALE, pairs.size());
        if (state.stageStep() == 0) {
            run.learner().resetToBase();
        }
        SftStage stage = new SftStage(
                run,
                SCALE,
                recipe.scale(),
                run.learner().tokenized(pairs, recipe.scale()),
                List.of(),
                null,
                state.stageStep());
        stage.train(state.stageStep(), stage.steps(), step -> state = state.at(step));
        reach(state.to(Stage.EVALUATE_SCALE));
    }

    private void reinforce() {
        Recipe.Rl settings = Objects.requireNonNull(recipe.rl());
        List<Pair> prompts = settings.prompts().equals("frozen") ? frozenPairs() : candidates();
        startPhase(RL, RL, prompts.size());
        try (RlStage stage = new RlStage(run, RL, settings, prompts, state.stageStep())) {
            stage.train(
                    state.stageStep(), step -> state = state.at(step), step -> evaluate(RL + "-" + step, domains()));
        }
        reach(state.to(Stage.EVALUATE_RL));
    }

    private List<Pair> candidates() {
        return recipe.domains().stream()
                .flatMap(domain -> curator.clean(domain).kept().stream())
                .toList();
    }

    private List<PhaseScore> evaluate(String phase, int domains) {
        return heldOut.benchmarks().subList(0, domains).stream()
                .map(benchmark -> PhaseScore.of(phase, evaluations.evaluate(phase, benchmark)))
                .toList();
    }
}
