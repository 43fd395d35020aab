package dev.hone.trainer.cli;

import dev.hone.benchmarks.EvalResult;
import dev.hone.benchmarks.Evaluator;
import dev.hone.datasets.solve.Solver;
import dev.hone.trainer.run.Inference;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.run.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Has a model answer benchmarks in turn, loaded once. What the same evaluation did before it was stopped is not done
 * again: results that are there are taken, and a benchmark under way goes on.
 */
final class EvalRun {

    private final List<EvalTask> tasks;
    private final String model;
    private final Output output;

    /** @param model called by a name that no other model has, nor the same one computed with otherwise */
    EvalRun(List<EvalTask> tasks, String model, Output output) {
        this.tasks = tasks;
        this.model = model;
        this.output = output;
    }

    /**
     * A task as an earlier evaluation left it.
     *
     * @param result null where it is not finished
     * @param answered problems that need not be asked
     */
    private record Standing(EvalTask task, @Nullable EvalResult result, int answered) {}

    /**
     * The results, in the tasks' order, each written as soon as it is there.
     *
     * @param open opens the model to answer with completions of up to so many tokens; not called where all is finished
     * @throws dev.hone.datasets.UserError also where another evaluation was stopped in the same folder, before the model
     *     is opened
     */
    List<EvalResult> results(IntFunction<Inference> open) {
        List<Standing> standings = tasks.stream().map(this::standing).toList();
        List<EvalResult> results = new ArrayList<>();
        @Nullable Inference inference = null;
        try {
            for (Standing standing : standings) {
                @Nullable EvalResult result = standing.result();
                if (result == null) {
                    inference = inference == null ? open.apply(longest()) : inference;
                    result = answer(standing, inference);
                } else {
                    output.line(standing.task().name() + ": answered before; delete "
                            + standing.task().files().result() + " to have it answered again");
                }
                if (tasks.size() > 1) {
                    output.line(EvalText.line(result));
                }
                results.add(result);
            }
        } finally {
            if (inference != null) {
                inference.close();
            }
        }
        return results;
    }

    private Standing standing(EvalTask task) {
        @Nullable EvalResult result = task.files().finished(task.problems(), task.protocol(), model);
        int answered = result != null
                ? task.problems().pairs().size()
                : new Evaluator()
                        .answered(task.problems(), task.protocol(), task.files().samples(), model);
        return new Standing(task, result, answered);
    }

    /** Buffers are planned once, for all. */
    private int longest() {
        return tasks.stream()
                .mapToInt(task -> task.protocol().maxTokens())
                .max()
                .orElseThrow();
    }

    private EvalResult answer(Standing standing, Inference inference) {
        EvalTask task = standing.task();
        int all = task.problems().pairs().size();
        int left = all - standing.answered();
        if (standing.answered() > 0) {
            output.line(task.name() + ": goes on with " + left + " of " + all
                    + " problems; the others are answered already");
        }
        String which = tasks.size() == 1 ? "" : " (" + (tasks.indexOf(task) + 1) + " of " + tasks.size() + ")";
        long attempts = task.protocol().attempts();
        try (Progress progress = output.progress("evaluate " + task.name() + which, 0, left * attempts)) {
            Solver solver = inference.solver(progress.generation(() -> {}));
            return new Evaluator()
                    .evaluate(
                            task.problems(),
                            solver,
                            task.protocol(),
                            task.files().samples(),
                            model,
                            result -> result.write(task.files().result()));
        }
    }
}
