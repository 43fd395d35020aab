package dev.hone.trainer.cli;

import dev.hone.benchmarks.Benchmark;
import dev.hone.benchmarks.EvaluationFiles;
import dev.hone.benchmarks.Protocol;

/**
 * A benchmark that a model is judged by.
 *
 * @param source of the problems, for people
 * @param files what is written
 */
record EvalTask(Benchmark problems, Protocol protocol, String source, EvaluationFiles files) {

    String name() {
        return problems.name();
    }
}
