package dev.hone.datasets.verify;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A Lean REPL (leanprover-community/repl) started here and asked one program at a time: a JSON object and an empty line
 * each way. One that fails or takes too long is ended, and the next program gets a new one.
 */
final class LeanRepl implements LeanBackend {
    private final List<String> command;
    private final ExecutorService reader = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "lean-repl");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Process running;
    private @Nullable BufferedReader answers;

    LeanRepl(String command) {
        this.command = List.of(command.strip().split("\\s+"));
        Runtime.getRuntime().addShutdownHook(new Thread(this::end));
    }

    @Override
    public synchronized JsonNode check(String program, Duration limit) throws LeanUnavailable {
        try {
            Process process = start();
            Writer to = process.outputWriter(StandardCharsets.UTF_8);
            to.write(CodeTests.JSON.writeValueAsString(Map.of("cmd", program)) + "\n\n");
            to.flush();
            Future<String> answer = reader.submit(this::read);
            JsonNode response = CodeTests.JSON.readTree(answer.get(limit.toMillis(), TimeUnit.MILLISECONDS));
            if (!response.has("env") && response.has("message")) {
                throw new LeanUnavailable("lean", response.path("message").asString(""));
            }
            return response;
        } catch (TimeoutException e) {
            end();
            throw new LeanUnavailable("timeout", "Lean took longer than " + limit.toMillis() + " ms");
        } catch (IOException | ExecutionException | JacksonException e) {
            end();
            throw new LeanUnavailable("lean", "the REPL \"" + String.join(" ", command) + "\" failed: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            end();
            throw new LeanUnavailable("lean", "interrupted");
        }
    }

    private Process start() throws IOException {
        if (running != null && running.isAlive()) {
            return running;
        }
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        running = process;
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        return process;
    }

    /** Up to the empty line. */
    private String read() throws IOException {
        BufferedReader from = answers;
        StringBuilder answer = new StringBuilder();
        if (from != null) {
            for (String line = from.readLine(); line != null; line = from.readLine()) {
                if (line.isBlank() && !answer.isEmpty()) {
                    return answer.toString();
                }
                answer.append(line).append('\n');
            }
        }
        throw new IOException("it ended without an answer");
    }

    private void end() {
        Process process = running;
        if (process != null) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            // It lives on for a moment; nothing more may be asked of it.
            running = null;
        }
    }
}
