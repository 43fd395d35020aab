package dev.hone.perf;

import dev.hone.datasets.UserError;
import dev.hone.perf.harness.Duel;
import dev.hone.perf.harness.Machine;
import dev.hone.perf.harness.Memory;
import dev.hone.perf.harness.Result;
import dev.hone.perf.harness.ResultJson;
import dev.hone.perf.harness.ResultTable;
import dev.hone.perf.harness.Row;
import dev.hone.perf.harness.Setting;
import dev.hone.perf.harness.Side;
import dev.hone.perf.harness.WorkerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.presets.torch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures hone's cpu device beside libtorch: {@code ./hone bench}. */
@Command(
        name = "hone bench",
        mixinStandardHelpOptions = true,
        description = {
            "Measures hone's cpu device beside libtorch, PyTorch's C++ core, in one run.",
            "Each side has a process of its own; they take turns. Both compute the same numbers, which is checked",
            "before anything is timed. Times are medians; memory is the peak of a separate process, less that of one",
            "that only loads its libraries; 'others' is the share of the processors that other programs used."
        })
final class Bench implements Callable<Integer> {

    private static final int MEMORY_RUNS = 3;

    @Parameters(
            arity = "0..*",
            paramLabel = "ROW",
            description =
                    "Rows whose names contain this: training, generation, kernels, 15M ...; all when none is given")
    private List<String> names = List.of();

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results to this file too")
    private @Nullable Path json;

    @Option(names = "--list", description = "Name the rows and stop")
    private boolean list;

    @Option(names = "--blocks", defaultValue = "9", description = "Turns of each side, 9 when not given")
    private int blocks;

    @Option(
            names = "--patience",
            defaultValue = "2",
            description = "How many times as many turns may be taken to get quiet ones, 2 when not given")
    private int patience;

    @Option(names = "--threads", description = "Threads of each side, the number of processors when not given")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--blas",
            paramLabel = "FILE",
            defaultValue = "",
            description = "A library that libtorch uses in place of its OpenBLAS, such as MKL's libmkl_rt.so")
    private String blas = "";

    @Option(names = "--no-memory", description = "Leave memory out")
    private boolean noMemory;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Bench())
                .setExecutionExceptionHandler((exception, commandLine, parsed) -> {
                    if (exception instanceof UserError) {
                        System.err.println(exception.getMessage());
                        return CommandLine.ExitCode.USAGE;
                    }
                    throw exception;
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        List<Row> rows = Rows.matching(names);
        if (list) {
            rows.forEach(row -> System.out.println(row.name()));
            return 0;
        }
        if (blocks < 1 || threads < 1 || patience < 0) {
            throw new UserError("--blocks and --threads must be 1 or more, --patience 0 or more");
        }
        Machine machine = Machine.here();
        String version = libtorchVersion();
        System.out.println(ResultTable.machine(machine, threads, version));
        System.out.println(ResultTable.header());
        List<Result> results = new ArrayList<>();
        List<WorkerProcess> libtorchs = new ArrayList<>();
        try (WorkerProcess hone = worker(Side.HONE, Setting.NONE)) {
            Setting.ofLibtorch(blas).forEach(setting -> libtorchs.add(worker(Side.LIBTORCH, setting)));
            Duel duel = new Duel(hone, libtorchs, blocks, patience);
            for (Row row : rows) {
                Result result = measure(row, duel);
                results.add(result);
                System.out.println(ResultTable.line(result));
                if (json != null) {
                    ResultJson.write(json, machine, threads, version, results);
                }
            }
        } finally {
            libtorchs.forEach(WorkerProcess::close);
        }
        return 0;
    }

    private Result measure(Row row, Duel duel) {
        Duel.Outcome outcome = duel.run(row);
        if (!row.memory() || noMemory) {
            return new Result(row, outcome, null, null);
        }
        return new Result(
                row, outcome, memory(row, Side.HONE, Setting.NONE), memory(row, Side.LIBTORCH, outcome.setting()));
    }

    private Memory memory(Row row, Side side, Setting setting) {
        return new Memory(peak(Baselines.NAME, side, setting), peak(row.name(), side, setting));
    }

    private long peak(String row, Side side, Setting setting) {
        try (WorkerProcess worker = worker(side, setting)) {
            worker.open(row);
            worker.run(MEMORY_RUNS);
            return worker.peak();
        }
    }

    private WorkerProcess worker(Side side, Setting setting) {
        return new WorkerProcess(BenchWorker.class, side, setting, threads);
    }

    /** From the binding's jar, without loading it. */
    private static String libtorchVersion() {
        Package binding = torch.class.getPackage();
        return String.valueOf(binding.getImplementationVersion());
    }
}
