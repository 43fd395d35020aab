package dev.hone.datasets.text;

import com.sun.management.ThreadMXBean;
import dev.hone.datasets.Resources;
import dev.hone.datasets.UserError;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.ResourceLimits;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.IOAccess;
import org.jspecify.annotations.Nullable;

/**
 * One Jinja template, run by Hugging Face's JavaScript implementation in an interpreter that sees nothing of this
 * process: no classes, files, environment, threads or network. Statements, time, memory and output are bounded, so a
 * template from an unknown model can do no harm. Not for several threads at once.
 */
final class JinjaSandbox implements AutoCloseable {

    /**
     * What one rendering may use.
     *
     * @param statements of JavaScript; the bound that repeats exactly
     * @param time on the clock
     * @param allocatedBytes over the whole rendering, collected or not
     */
    record Limits(long statements, Duration time, long allocatedBytes) {
        static final Limits DEFAULT = new Limits(100_000_000, Duration.ofSeconds(20), 1L << 29);
    }

    private static final int LONGEST_TEMPLATE = 1 << 18;
    private static final int LONGEST_STRING = 1 << 24;
    private static final int POLL_MILLIS = 5;

    private static final Source JINJA = jinja();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final ScheduledExecutorService WATCHDOG = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "chat-template-watchdog");
        thread.setDaemon(true);
        return thread;
    });

    private final String name;
    private final String template;
    private final Limits limits;
    private @Nullable Context context;
    private @Nullable Value compile;
    private @Nullable Value render;

    /** @param name of the template in messages, such as its file */
    JinjaSandbox(String name, String template, Limits limits) {
        if (template.length() > LONGEST_TEMPLATE) {
            throw new UserError("%s: the chat template has %d characters, expected at most %d; check the file"
                    .formatted(name, template.length(), LONGEST_TEMPLATE));
        }
        this.name = name;
        this.template = template;
        this.limits = limits;
    }

    /** A sandbox for another template in this one's interpreter, for tests of very many; this one is used up. */
    JinjaSandbox next(String other) {
        JinjaSandbox next = new JinjaSandbox(name, other, limits);
        next.context = context;
        next.compile = compile;
        context = null;
        return next;
    }

    /**
     * @param items the template's variables, a JSON object
     * @throws UserError where the template is no Jinja, raises an exception, or runs past its limits
     */
    String render(String items) {
        AtomicReference<@Nullable String> exceeded = new AtomicReference<>();
        Context running = open();
        ScheduledFuture<?> watch = watch(running, exceeded);
        try {
            if (compile == null) {
                compile = running.eval(JINJA).getMember("compile");
            }
            if (render == null) {
                render = compile.execute(template);
            }
            return render.execute(items).asString();
        } catch (PolyglotException e) {
            throw failure(e, exceeded.get());
        } finally {
            watch.cancel(false);
            if (exceeded.get() != null) {
                close();
            }
        }
    }

    private Context open() {
        if (context == null) {
            context = Context.newBuilder("js")
                    .engine(EngineHolder.ENGINE)
                    .allowHostAccess(HostAccess.NONE)
                    .allowPolyglotAccess(PolyglotAccess.NONE)
                    .allowIO(IOAccess.NONE)
                    .in(InputStream.nullInputStream())
                    .out(OutputStream.nullOutputStream())
                    .err(OutputStream.nullOutputStream())
                    .resourceLimits(ResourceLimits.newBuilder()
                            .statementLimit(limits.statements(), null)
                            .build())
                    .build();
        }
        context.resetLimits();
        return context;
    }

    private ScheduledFuture<?> watch(Context running, AtomicReference<@Nullable String> exceeded) {
        long thread = Thread.currentThread().getId();
        long allocatedBefore = THREADS.getThreadAllocatedBytes(thread);
        long started = System.nanoTime();
        return WATCHDOG.scheduleAtFixedRate(
                () -> {
                    if (exceeded.get() != null) {
                        return;
                    }
                    if (System.nanoTime() - started > limits.time().toNanos()) {
                        exceeded.set(limits.time().toSeconds() + " s");
                    } else if (THREADS.getThreadAllocatedBytes(thread) - allocatedBefore > limits.allocatedBytes()) {
                        exceeded.set((limits.allocatedBytes() >> 20) + " MiB of memory");
                    } else {
                        return;
                    }
                    running.close(true);
                },
                POLL_MILLIS,
                POLL_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    private RuntimeException failure(PolyglotException e, @Nullable String exceeded) {
        if (exceeded != null || e.isResourceExhausted() || e.isCancelled()) {
            close();
            String bound = exceeded != null ? exceeded : limits.statements() + " steps, or the stack";
            return new UserError(name + ": the chat template ran past its bound of " + bound
                    + "; use the template of a model you trust");
        }
        if (e.isInternalError()) {
            close();
            return new IllegalStateException(name + ": the JavaScript interpreter failed", e);
        }
        String message = Objects.requireNonNullElse(e.getMessage(), "no message")
                .lines()
                .limit(10)
                .collect(Collectors.joining(" "));
        return new UserError(
                name + ": the chat template refuses or fails: "
                        + message.substring(0, Math.min(300, message.length())).replaceFirst("^Error: ", "")
                        + "; correct the conversation or the template",
                e);
    }

    private static Source jinja() {
        return Source.newBuilder(
                        "js",
                        "(function (module) {\n" + Resources.text(JinjaSandbox.class, "huggingface-jinja.js")
                                + Resources.text(JinjaSandbox.class, "python-jinja.js") + "\n})({})",
                        "jinja.js")
                .buildLiteral();
    }

    /** Started on first use: a run without chat templates pays nothing. */
    private static final class EngineHolder {
        static final Engine ENGINE = Engine.newBuilder("js")
                .allowExperimentalOptions(true)
                // Without a JIT compiler for JavaScript in the JVM it warns; a template is fast enough without.
                .option("engine.WarnInterpreterOnly", "false")
                .option("js.string-length-limit", Integer.toString(LONGEST_STRING))
                .option("js.load", "false")
                .option("js.print", "false")
                .option("js.console", "false")
                .option("js.java-package-globals", "false")
                .option("js.graal-builtin", "false")
                .option("js.polyglot-builtin", "false")
                .out(OutputStream.nullOutputStream())
                .err(OutputStream.nullOutputStream())
                .build();
    }

    @Override
    public void close() {
        if (context != null) {
            context.close(true);
            context = null;
            compile = null;
            render = null;
        }
    }
}
