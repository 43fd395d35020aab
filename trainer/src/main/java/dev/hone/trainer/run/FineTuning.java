package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RlKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run on the recipe's {@code data}: supervised fine-tuning, on the pairs' responses or on the model's own correct ones,
 * then preferences, then reinforcement on the same prompts, each where asked.
 */
public final class FineTuning {

    /** What comes next. */
    private enum Stage {
        EVALUATE_BASE,
        SAMPLE,
        SFT,
        EVALUATE_SFT,
        DPO,
        EVALUATE_DPO,
        RL,
        EVALUATE_RL,
        DONE
    }

    /**
     * Where such a run stands.
     *
     * @param best where fine-tuning ends once its held-out loss no longer falls; null where it was not measured yet
     */
    private record State(
            Stage stage,
            long stageStep,
            List<PhaseScore> phases,
            @Nullable BestLoss best) {

        State at(long step) {
            return at(step, best);
        }

        State at(long step, @Nullable BestLoss least) {
            return new State(stage, step, phases, least);
        }

        State to(Stage next, List<PhaseScore> more) {
            List<PhaseScore> all = new ArrayList<>(phases);
            all.addAll(more);
            return new State(next, 0, List.copyOf(all), null);
        }
    }

    private static final String SFT = "sft";
    private static final String SAMPLE = "rejection sampling";
    private static final String DPO = "dpo";
    private static final String RL = "rl";
    private static final String BASE = "base";

    private final Run run;
    private final Recipe recipe;
    private final Evaluations evaluations;
    private final FineTuningData data;
    private State state;

    /** @throws UserError where the recipe's pairs cannot be had or learnt from, before anything is computed */
    public FineTuning(Run run) {
        this.run = run;
        this.recipe = run.recipe();
        this.evaluations = new Evaluations(run);
        this.data = FineTuningData.open(recipe, run.learner().tokenizing());
        // Random weights answer nothing.
        boolean answers = recipe.model().path() != null && !data.benchmarks().isEmpty();
        this.state =
                run.position(State.class, new State(answers ? Stage.EVALUATE_BASE : Stage.SAMPLE, 0, List.of(), null));
    }

    /** Goes on from where the run stands, to its end. */
    public void run() {
        while (state.stage() != Stage.DONE) {
            switch (state.stage()) {
                case EVALUATE_BASE -> moveTo(Stage.SAMPLE, evaluate(BASE));
                case SAMPLE -> sample();
                case SFT -> fineTune();
                case EVALUATE_SFT -> moveTo(Stage.DPO, evaluate(SFT));
                case DPO -> prefer();
                case EVALUATE_DPO -> moveTo(Stage.RL, evaluate(DPO));
                case RL -> reinforce();
                case EVALUATE_RL -> moveTo(Stage.DONE, evaluate(RL));
                default -> throw new IllegalStateException("Nothing follows " + state.stage());
            }
        }
        run.finish(
                Results.of(run, evaluations, state.phases(), Teachable.NONE, List.of(), List.of(BASE, SFT, DPO, RL)));
    }

    private void sample() {
        if (recipe.rejectionSampling() != null) {
            run.event(
                    "phase_started",
                    SAMPLE,
                    Map.of("kind", "sample", "prompts", data.pairs().size()));
            new RejectionSampling(recipe.rejectionSampling(), recipe.seed()).run(run, SAMPLE, data.pairs());
        }
        moveTo(Stage.SFT, List.of());
    }

    private void fineTune() {
        if (!FineTuningData.isFineTuned(recipe)) {
            moveTo(Stage.DPO, List.of());
            return;
        }
        List<TokenizedPair> responses = recipe.rejectionSampling() == null
                ? data.learned()
                : run.learner().tokenizing().tokenized(RejectionSampling.read(run), recipe.sft());
        run.event("phase_started", SFT, Map.of("kind", SFT, "pairs", responses.size()));
        SftStage stage = new SftStage(run, SFT, recipe.sft(), responses, data.heldOut(), null, state.stageStep());
        if (recipe.sft().earlyStoppingPatience() == 0) {
            stage.train(state.stageStep(), stage.steps(), step -> state = state.at(step));
        } else {
            fineTuneToBest(stage);
        }
        moveTo(Stage.EVALUATE_SFT, List.of());
    }

    private void fineTuneToBest(SftStage stage) {
        EarlyStopping stopping = new EarlyStopping(
                run,
                SFT,
                recipe.sft().earlyStoppingPatience(),
                state.best(),
                (step, best) -> state = state.at(step, best));
        if (stopping.goesOn()) {
            stage.train(state.stageStep(), stage.steps(), stopping);
        }
        stopping.takeBest(state.stageStep(), stage.steps());
    }

    private void prefer() {
        if (recipe.dpo() == null) {
            moveTo(Stage.RL, List.of());
            return;
        }
        run.event(
                "phase_started",
                DPO,
                Map.of("kind", DPO, "preferences", data.preferences().size()));
        try (DpoStage stage = new DpoStage(run, DPO, recipe.dpo(), data.preferences(), state.stageStep())) {
            stage.train(state.stageStep(), step -> state = state.at(step));
        }
        moveTo(Stage.EVALUATE_DPO, List.of());
    }

    private void reinforce() {
        RlKeys settings = recipe.rl();
        if (settings == null) {
            moveTo(Stage.DONE, List.of());
            return;
        }
        run.event(
                "phase_started", RL, Map.of("kind", RL, "prompts", data.pairs().size()));
        try (RlStage stage = new RlStage(run, RL, settings, data.pairs(), state.stageStep())) {
            stage.train(state.stageStep(), step -> state = state.at(step), step -> evaluate(RL + "-" + step));
        }
        moveTo(Stage.EVALUATE_RL, List.of());
    }

    private List<PhaseScore> evaluate(String phase) {
        List<PhaseScore> scores = data.benchmarks().stream()
                .map(benchmark -> PhaseScore.of(phase, evaluations.evaluate(phase, benchmark)))
                .toList();
        scores.stream()
                .mapToDouble(PhaseScore::accuracy)
                .average()
                .ifPresent(accuracy -> run.measured(Run.ACCURACY, accuracy));
        return scores;
    }

    private void moveTo(Stage next, List<PhaseScore> measured) {
        state = state.to(next, measured);
        run.reached(state);
    }
}
