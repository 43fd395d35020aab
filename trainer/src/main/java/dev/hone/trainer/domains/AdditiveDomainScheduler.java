package dev.hone.trainer.domains;

import dev.hone.benchmarks.Benchmark;
import dev.hone.benchmarks.EvalResult;
import dev.hone.benchmarks.PairedComparison;
import dev.hone.datasets.UserError;
import dev.hone.datasets.curate.Selection;
import dev.hone.datasets.pairs.FrozenDataset;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.PairReader;
import dev.hone.datasets.pairs.Provenance;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.trainer.recipe.DomainKeys;
import dev.hone.trainer.recipe.MixtureKeys;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RecipeWriter;
import dev.hone.trainer.recipe.RlKeys;
import dev.hone.trainer.recipe.SchedulerKeys;
import dev.hone.trainer.run.Evaluations;
import dev.hone.trainer.run.Frozen;
import dev.hone.trainer.run.Interference;
import dev.hone.trainer.run.PairSources;
import dev.hone.trainer.run.PhaseScore;
import dev.hone.trainer.run.Results;
import dev.hone.trainer.run.RlStage;
import dev.hone.trainer.run.Run;
import dev.hone.trainer.run.SftStage;
import dev.hone.trainer.run.Teachable;
import dev.hone.trainer.screen.ScreenReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The additive method (Abdin et al. 2025, "Phi-4-reasoning", section 3): tunes one domain until its benchmark saturates,
 * freezes that domain's dataset, adds the next domain, then trains on all frozen datasets together, and reinforces. What
 * comes next follows from a {@link MethodState} alone, which every checkpoint holds.
 */
public final class AdditiveDomainScheduler {

    private static final String BASE = "base";
    private static final String SCALE = "scale";
    private static final String RL = "rl";
    private static final String REFUSE = "refuse";

    private final Run run;
    private final Recipe recipe;
    private final HeldOut heldOut;
    private final Evaluations evaluations;
    private final Curator curator;
    private final List<TokenizedPair> lossPairs;
    private MethodState state;
    private @Nullable String baseHash;

    /** @throws UserError where the recipe's problems cannot be had, before anything is computed */
    public AdditiveDomainScheduler(Run run) {
        this.run = run;
        this.recipe = run.recipe();
        MethodData data = MethodData.open(recipe, run.learner().tokenizing());
        this.heldOut = data.heldOut();
        this.lossPairs = data.lossPairs();
        this.evaluations = new Evaluations(run);
        this.curator =
                new Curator(recipe, run.learner().format(), run.directory().curated(), heldOut);
        this.state = run.position(MethodState.class, MethodState.START);
    }

    /** Goes on from where the run stands, to its end. */
    public void run() {
        thaw();
        while (state.stage() != Stage.DONE) {
            switch (state.stage()) {
                case EVALUATE_BASE -> {
                    evaluate(BASE, allDomains());
                    reach(state.to(Stage.CURATE));
                }
                case CURATE -> curate();
                case TRY_MIXTURES -> tryMixtures();
                case EXPLORE -> explore();
                case CHECK_EARLIER -> checkEarlier();
                case EVALUATE_DOMAIN -> evaluateDomain();
                case SCALE -> scale();
                case EVALUATE_SCALE -> evaluateScale();
                case RL -> reinforce();
                case EVALUATE_RL -> evaluateRl();
                case DONE -> throw new IllegalStateException("Nothing follows " + state.stage());
            }
        }
        run.finish(Results.of(run, evaluations, state.phases(), state.teachable(), state.frozen(), milestones())
                .with(state.interference(), state.refused()));
    }

    private List<String> milestones() {
        List<String> milestones = new ArrayList<>(List.of(BASE, named(SCALE)));
        if (recipe.rl() != null) {
            milestones.add(rlPhase(state.domain()));
        }
        return milestones;
    }

    /** A phase's name; once something was thawed, phases come again and are others. */
    private String named(String phase) {
        return state.thaws() == 0 ? phase : phase + "-thaw" + state.thaws();
    }

    private List<Integer> allDomains() {
        return IntStream.range(0, recipe.domains().size()).boxed().toList();
    }

    /** Those whose dataset is frozen. */
    private List<Integer> learntDomains() {
        return allDomains().stream()
                .filter(domain -> state.isFrozen(recipe.domains().get(domain).name()))
                .toList();
    }

    private DomainKeys domain() {
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

    /** Gives up what was asked for since the state was saved; all that follows is done again. */
    private void thaw() {
        List<Thaw> thaws = Thaw.of(run.directory());
        for (Thaw thaw : thaws.subList(state.thaws(), thaws.size())) {
            run.event("thawed", thaw.domain(), Map.of("hash", thaw.hash(), "reason", thaw.reason()));
            run.output().line(thaw.domain() + ": thawed (" + thaw.reason() + ")");
            state = state.thawing(thaw.domain());
            reach(state.toDomain(Stage.CURATE, nextDomain()));
        }
    }

    /** The first domain neither frozen nor refused; as many as there are when none is left. */
    private int nextDomain() {
        return allDomains().stream()
                .filter(other -> {
                    String name = recipe.domains().get(other).name();
                    return !state.isFrozen(name) && !state.refused().contains(name);
                })
                .findFirst()
                .orElse(recipe.domains().size());
    }

    private void toNextDomain() {
        int next = nextDomain();
        if (next < recipe.domains().size()) {
            reach(state.toDomain(Stage.CURATE, next));
        } else if (state.frozen().isEmpty()) {
            throw new UserError(
                    "Every domain was refused, so there is nothing to train on; give other candidates, or set"
                            + " scheduler.on_interference to warn");
        } else {
            reach(state.toDomain(Stage.SCALE, 0));
        }
    }

    // ---- one domain ------------------------------------------------------------------------------------------------

    /** Chooses what the base model can almost do. */
    private void curate() {
        String name = domain().name();
        run.event("phase_started", "curate " + name, Map.of("kind", "curate"));
        run.learner().resetToBase();
        Curated curated = curator.curate(domain(), run.learner(), baseHash(), run.output(), run::stopIfAsked);
        Selection selection = curated.selection();
        Teachable found = Teachable.of(selection);
        run.output().line(name + ": " + found);
        MethodData.requireTeachable(domain(), selection);
        Map<String, Object> told = new LinkedHashMap<>(Map.of(
                "domain", name,
                "candidates", found.candidates(),
                "kept", found.kept(),
                "dropped", found.dropped()));
        ScreenReport screen = curated.screen();
        if (screen != null) {
            run.output().line(name + ": " + screen);
            told.put("screen", screen.figures());
        }
        run.event("curated", "curate " + name, told);
        reach(state.with(found).to(domain().mixtures().size() > 1 ? Stage.TRY_MIXTURES : Stage.EXPLORE));
    }

    /** Hashed once: a model's files may be large. */
    private String baseHash() {
        if (baseHash == null) {
            baseHash = run.learner().source().sha256(recipe.seed());
        }
        return baseHash;
    }

    private Benchmark validation() {
        return heldOut.validations().get(state.domain());
    }

    /** The name of what is tried again for other reasons than the first time. */
    private String attempt(String name) {
        int remedies = state.progress().remedies();
        return named(remedies == 0 ? name : name + "-remedy" + remedies);
    }

    /** A short run from the base for each way to make the dataset, judged by the domain's validation. */
    private void tryMixtures() {
        List<MixtureKeys> mixtures = domain().mixtures();
        while (state.progress().tried() < mixtures.size()) {
            MixtureKeys mixture = mixtures.get(state.progress().tried());
            String phase = domain().name() + " try " + mixture.name();
            Curriculum curriculum = curriculum(state.progress().tried(), List.of());
            train(phase, "try", curriculum, recipe.scheduler().trialSteps());
            evaluations.evaluate(trial(mixture), validation());
            reach(state.with(state.progress().triedOneMore()).to(Stage.TRY_MIXTURES));
        }
        List<EvalResult> trials = mixtures.stream()
                .map(mixture -> evaluations.of(trial(mixture), validation().domain()))
                .toList();
        int best = Mixtures.best(trials.stream()
                .skip(1)
                .map(trial -> PairedComparison.of(trials.get(0), trial))
                .toList());
        run.event(
                "mixture_chosen",
                domain().name(),
                Map.of("domain", domain().name(), "mixture", mixtures.get(best).name(), "tried", mixtures.size()));
        run.output()
                .line(String.format(
                        Locale.ROOT,
                        "%s: the mixture %s is taken (%.1f%% of the validation, %s %.1f%%)",
                        domain().name(),
                        mixtures.get(best).name(),
                        100 * trials.get(best).accuracy(),
                        mixtures.get(0).name(),
                        100 * trials.get(0).accuracy()));
        reach(state.with(state.progress().taking(best)).to(Stage.EXPLORE));
    }

    private String trial(MixtureKeys mixture) {
        return named("trial-" + mixture.name());
    }

    /** What the domain in turn is trained with. */
    private Curriculum curriculum(int mixture, List<String> remedies) {
        List<Pair> curated = PairReader.read(curator.kept(domain().name()));
        List<MixtureKeys> mixtures = domain().mixtures();
        return new Curriculum(
                        frozenPairs(),
                        mixtures.isEmpty() ? curated : Mixtures.select(mixtures.get(mixture), curated),
                        recipe.sft())
                .after(remedies.stream().map(Remedy::named).toList());
    }

    /** The whole stage from the base, or the rest of it. */
    private void train(String phase, String kind, Curriculum curriculum, int steps) {
        SftStage stage = stage(phase, kind, curriculum, steps);
        stage.train(state.stageStep(), steps, step -> state = state.at(step));
    }

    private SftStage stage(String phase, String kind, Curriculum curriculum, int steps) {
        List<Pair> pairs = curriculum.pairs();
        startPhase(phase, kind, pairs.size());
        if (state.stageStep() == 0) {
            run.learner().resetToBase();
        }
        return new SftStage(
                run,
                phase,
                curriculum.settings(),
                run.learner().tokenizing().tokenized(pairs, curriculum.settings()),
                lossPairs,
                steps,
                state.stageStep());
    }

    /** Rounds of fine-tuning from the base on what is frozen and this domain's pairs, each followed by a validation. */
    private void explore() {
        SchedulerKeys scheduler = recipe.scheduler();
        Curriculum curriculum = curriculum();
        SftStage stage =
                stage(attempt(domain().name()), "explore", curriculum, scheduler.roundSteps() * scheduler.maxRounds());
        if (state.stageStep() == 0) {
            evaluations.evaluate(round(0), validation());
        }
        while (!state.progress().exploration().isOver(scheduler)) {
            long end = (long) scheduler.roundSteps()
                    * (state.progress().exploration().rounds() + 1);
            stage.train(state.stageStep(), end, step -> state = state.at(step));
            validate();
        }
        if (checksEarlier()) {
            reach(state.to(Stage.CHECK_EARLIER));
        } else {
            freeze(curriculum, Map.of());
        }
    }

    private Curriculum curriculum() {
        return curriculum(
                state.progress().mixture(),
                recipe.scheduler().remedies().subList(0, state.progress().remedies()));
    }

    private void validate() {
        Exploration before = state.progress().exploration();
        EvalResult result = evaluations.evaluate(round(before.rounds() + 1), validation());
        PairedComparison gain = PairedComparison.of(
                evaluations.of(round(before.reference()), validation().domain()), result);
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

    private String round(int round) {
        return attempt("validation-" + round);
    }

    private boolean checksEarlier() {
        return !recipe.scheduler().remedies().isEmpty()
                || recipe.scheduler().onInterference().equals(REFUSE);
    }

    /** Whether this domain is learnt at the cost of an earlier one, by their validations; if so, what can be done. */
    private void checkEarlier() {
        Map<String, String> validations = new LinkedHashMap<>();
        List<String> harmed = new ArrayList<>();
        for (int other : learntDomains()) {
            Benchmark benchmark = heldOut.validations().get(other);
            String name = attempt("beside-" + domain().name());
            EvalResult result = evaluations.evaluate(name, benchmark);
            validations.put(benchmark.domain(), name);
            PairedComparison change = PairedComparison.of(
                    evaluations.of(
                            Objects.requireNonNull(state.validated().get(benchmark.domain())), benchmark.domain()),
                    result);
            if (change.outcome() == PairedComparison.Outcome.WORSE) {
                harmed.add(benchmark.domain() + " " + change.verdict());
            }
        }
        if (harmed.isEmpty()) {
            freeze(curriculum(), validations);
        } else {
            remedy(String.join("; ", harmed), validations);
        }
    }

    private void remedy(String harm, Map<String, String> validations) {
        SchedulerKeys scheduler = recipe.scheduler();
        int applied = state.progress().remedies();
        if (applied < scheduler.remedies().size()) {
            Remedy next = Remedy.named(scheduler.remedies().get(applied));
            run.event(
                    "remedy",
                    domain().name(),
                    Map.of("domain", domain().name(), "remedy", next.toString(), "harm", harm));
            run.output().line(domain().name() + " makes " + harm + "; it is explored anew: " + next);
            reach(state.with(state.progress().withOneMoreRemedy()).to(Stage.EXPLORE));
        } else if (scheduler.onInterference().equals(REFUSE)) {
            run.event("refused", domain().name(), Map.of("domain", domain().name(), "harm", harm));
            run.output().line("warning: " + domain().name() + " is left out: it makes " + harm);
            state = state.refusing(domain().name());
            toNextDomain();
        } else {
            freeze(curriculum(), validations);
        }
    }

    private void freeze(Curriculum curriculum, Map<String, String> earlierValidations) {
        String name = domain().name();
        List<Pair> pairs = curriculum.own();
        Provenance origin = new Provenance()
                .recipe(RecipeWriter.text(recipe))
                .model(
                        recipe.model().path() == null
                                ? "random weights"
                                : recipe.model().path().getFileName().toString(),
                        baseHash())
                .seed("recipe", recipe.seed());
        PairSources.describe(domain().candidates(), origin);
        Map<String, Integer> dropped = curator.dropped(name);
        origin.counts(
                PairReader.read(curator.kept(name)).size()
                        + dropped.values().stream().mapToInt(Integer::intValue).sum(),
                dropped);
        ScreenReport screen = curator.screened(name);
        if (screen != null) {
            origin.screen(screen.figures());
        }
        Map<String, Object> provenance = origin.map();
        if (recipe.curate().served() != null) {
            provenance.put("attempted_by", recipe.curate().served().model());
        }
        provenance.put("rounds", state.progress().exploration().rounds());
        if (!domain().mixtures().isEmpty()) {
            provenance.put(
                    "mixture",
                    domain().mixtures().get(state.progress().mixture()).name());
        }
        FrozenDataset dataset = FrozenDataset.freeze(run.directory().datasets(), name, pairs, provenance);
        run.event("frozen", name, Map.of("domain", name, "hash", dataset.hash(), "pairs", pairs.size()));
        run.output().line(name + ": " + pairs.size() + " pairs frozen as " + dataset.directory());
        Map<String, String> validations = new LinkedHashMap<>(earlierValidations);
        validations.put(name, round(state.progress().exploration().rounds()));
        reach(state.with(new Frozen(name, dataset.hash(), pairs.size()), validations)
                .to(Stage.EVALUATE_DOMAIN));
    }

    private List<Pair> frozenPairs() {
        return state.frozen().stream()
                .flatMap(frozen -> frozenPairs(frozen.domain()).stream())
                .toList();
    }

    private List<Pair> frozenPairs(String domain) {
        return state.frozen().stream()
                .filter(frozen -> frozen.domain().equals(domain))
                .flatMap(frozen ->
                        FrozenDataset.open(
                                run.directory().datasets().resolve(domain).resolve(frozen.hash()))
                                .pairs()
                                .stream())
                .toList();
    }

    /** Judges all domains so far, and whether this one was learnt at the cost of an earlier one. */
    private void evaluateDomain() {
        evaluate(named(domain().name()), learntDomains()).stream()
                .filter(cell -> cell.isHarm() && !cell.domain().equals(domain().name()))
                .forEach(this::harmed);
        toNextDomain();
    }

    private void harmed(Interference cell) {
        String found = "learning " + domain().name() + " made " + cell.domain() + " " + cell.verdict()
                + ", compared with after " + cell.since();
        if (recipe.scheduler().onInterference().equals("stop")) {
            throw new UserError("Stopped: " + found + "; change the candidates of " + domain().name()
                    + ", name remedies, or set scheduler.on_interference to warn in "
                    + run.directory().recipe()
                    + " and resume the run");
        }
        run.output().line("warning: " + found);
    }

    // ---- all domains -----------------------------------------------------------------------------------------------

    private void scale() {
        List<Pair> pairs = frozenPairs();
        startPhase(named(SCALE), SCALE, pairs.size());
        if (state.stageStep() == 0) {
            run.learner().resetToBase();
        }
        SftStage stage = new SftStage(
                run,
                named(SCALE),
                recipe.scale(),
                run.learner().tokenizing().tokenized(pairs, recipe.scale()),
                lossPairs,
                null,
                state.stageStep());
        stage.train(state.stageStep(), stage.steps(), step -> state = state.at(step));
        reach(state.to(Stage.EVALUATE_SCALE));
    }

    /** All domains mixed, or the one in turn alone. */
    private void reinforce() {
        RlKeys settings = Objects.requireNonNull(recipe.rl());
        String phase = rlPhase(state.domain());
        List<Pair> prompts = prompts(settings);
        startPhase(phase, RL, prompts.size());
        try (RlStage stage = new RlStage(run, phase, settings, prompts, state.stageStep())) {
            stage.train(
                    state.stageStep(),
                    step -> state = state.at(step),
                    step -> scores(phase + "-" + step, allDomains()));
        }
        reach(state.to(Stage.EVALUATE_RL));
    }

    private String rlPhase(int domain) {
        boolean inTurn = Objects.requireNonNull(recipe.rl()).isInTurn();
        return named(inTurn ? RL + "-" + recipe.domains().get(domain).name() : RL);
    }

    private List<Pair> prompts(RlKeys settings) {
        List<Integer> practised = settings.isInTurn() ? List.of(state.domain()) : learntDomains();
        return practised.stream()
                .map(recipe.domains()::get)
                .flatMap(domain -> settings.prompts().equals("frozen")
                        ? frozenPairs(domain.name()).stream()
                        : curator.clean(domain).kept().stream())
                .toList();
    }

    private void evaluateRl() {
        evaluate(rlPhase(state.domain()), allDomains());
        Optional<Integer> next = learntDomains().stream()
                .filter(domain -> Objects.requireNonNull(recipe.rl()).isInTurn() && domain > state.domain())
                .findFirst();
        reach(next.map(domain -> state.toDomain(Stage.RL, domain)).orElseGet(() -> state.to(Stage.DONE)));
    }

    private void evaluateScale() {
        evaluate(named(SCALE), allDomains());
        reach(
                recipe.rl() == null
                        ? state.to(Stage.DONE)
                        : state.toDomain(Stage.RL, learntDomains().get(0)));
    }

    /** Judges domains; what was found, and what it means beside what was found before, is of the state from then on. */
    private List<Interference> evaluate(String phase, List<Integer> domains) {
        List<PhaseScore> scores = scores(phase, domains);
        List<Interference> row = Interference.row(scores, state.phases(), evaluations);
        row.forEach(cell -> run.event("interference", phase, cell.fields()));
        state = state.with(scores, row);
        return row;
    }

    private List<PhaseScore> scores(String phase, List<Integer> domains) {
        List<PhaseScore> scores = domains.stream()
                .map(heldOut.benchmarks()::get)
                .map(benchmark -> PhaseScore.of(phase, evaluations.evaluate(phase, benchmark)))
                .toList();
        // Averages over some of the domains cannot be compared with those over all.
        if (domains.equals(allDomains())) {
            run.measured(
                    Run.ACCURACY,
                    scores.stream().mapToDouble(PhaseScore::accuracy).average().orElseThrow());
        }
        return scores;
    }
}
