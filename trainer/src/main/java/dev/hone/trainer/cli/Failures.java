package dev.hone.trainer.cli;

import dev.hone.checkpoints.CheckpointException;
import dev.hone.datasets.UserError;
import dev.hone.kernels.DeviceFault;
import dev.hone.kernels.DeviceOutOfMemory;
import dev.hone.trainer.distributed.ProcessLost;
import dev.hone.trainer.run.ExitCode;
import dev.hone.trainer.run.RunStopped;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** What the user sees when a command fails: one sentence and an exit code; a stack trace only in a file. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult arguments) {
        PrintWriter err = command.getErr();
        if (failure instanceof ProcessLost) {
            err.println("hone: " + failure.getMessage());
            return ExitCode.PROCESS_LOST;
        }
        if (failure instanceof UserError || failure instanceof CheckpointException) {
            err.println("hone: " + failure.getMessage());
            return Hone.USER_ERROR;
        }
        if (DeviceFault.is(failure) || DeviceFault.isOutOfMemory(failure)) {
            err.println("hone: " + failure.getMessage());
            return Hone.USER_ERROR;
        }
        if (failure instanceof RunStopped stopped) {
            return stopped.exitCode();
        }
        err.println("hone: something went wrong that should not: " + failure + "; details are in " + log(failure));
        return 1;
    }

    /** A device's memory, or the Java heap. */
    int handleOutOfMemory(OutOfMemoryError failure, PrintWriter err) {
        err.println("hone: " + failure.getMessage()
                + (failure instanceof DeviceOutOfMemory
                        ? ""
                        : ": out of memory; HONE_HEAP gives the Java heap more, e.g. HONE_HEAP=4g"));
        return Hone.USER_ERROR;
    }

    /** What is wrong with the command line, what may be meant, and where help is: not the whole help. */
    @Override
    public int handleParseException(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        command.getErr().println("hone: " + failure.getMessage());
        UnmatchedArgumentException.printSuggestions(failure, command.getErr());
        command.getErr().println("See " + command.getCommandSpec().qualifiedName() + " --help");
        return Hone.USER_ERROR;
    }

    private static String log(Exception failure) {
        try {
            Path log = Files.createTempFile("hone-error-", ".log");
            try (PrintWriter writer = new PrintWriter(Files.newBufferedWriter(log, StandardCharsets.UTF_8))) {
                failure.printStackTrace(writer);
            }
            return log.toString();
        } catch (IOException e) {
            failure.printStackTrace();
            return "the lines above";
        }
    }
}
