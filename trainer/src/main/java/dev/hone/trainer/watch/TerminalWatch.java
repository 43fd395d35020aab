package dev.hone.trainer.watch;

import dev.hone.datasets.UserError;
import dev.hone.trainer.report.EventLog;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jspecify.annotations.Nullable;

/** Draws a run in the terminal again and again, until q. */
public final class TerminalWatch {

    private static final int REDRAW_MILLIS = 500;
    private static final int WIDTH_OF_A_PIPE = 100;

    private final Path run;
    private final EventLog log;
    private final boolean colour;

    /** @param colour whether the terminal may be asked for colours */
    public TerminalWatch(Path run, boolean colour) {
        this.run = run;
        this.log = new EventLog(run);
        this.colour = colour;
    }

    /** Prints one picture, as wide as the environment's COLUMNS says, without colours. */
    public void once(PrintStream out) {
        log.poll();
        Frame.of(run, log, columns(), Instant.now())
                .forEach(line -> out.println(line.toString().stripTrailing()));
    }

    private static int columns() {
        @Nullable String columns = System.getenv("COLUMNS");
        return columns != null && columns.matches("[1-9]\\d{0,3}") ? Integer.parseInt(columns) : WIDTH_OF_A_PIPE;
    }

    /** Draws until q or Ctrl-C; then the terminal is as it was before. */
    public void follow() {
        try (Terminal terminal =
                TerminalBuilder.builder().system(true).dumb(true).build()) {
            AtomicBoolean ended = new AtomicBoolean();
            terminal.handle(Terminal.Signal.INT, signal -> ended.set(true));
            Attributes before = terminal.enterRawMode();
            // The alternate screen, without a cursor.
            terminal.writer().print("\u001b[?1049h\u001b[?25l");
            try {
                while (!ended.get()) {
                    draw(terminal);
                    ended.compareAndSet(false, isQuit(terminal.reader().read(REDRAW_MILLIS)));
                }
            } finally {
                terminal.writer().print("\u001b[?25h\u001b[?1049l");
                terminal.flush();
                terminal.setAttributes(before);
            }
        } catch (IOException e) {
            throw new UserError(
                    "Cannot draw in this terminal (" + e.getMessage()
                            + "); `hone watch --once` prints a single picture",
                    e);
        }
    }

    private static boolean isQuit(int key) {
        return key == 'q' || key == 'Q' || key == 3 || key == -1;
    }

    private void draw(Terminal terminal) {
        log.poll();
        Size size = terminal.getSize();
        int width = size.getColumns() > 0 ? size.getColumns() : WIDTH_OF_A_PIPE;
        int height = size.getRows() > 2 ? size.getRows() : Integer.MAX_VALUE;
        List<AttributedString> frame = Frame.of(run, log, width, Instant.now());
        StringBuilder screen = new StringBuilder("\u001b[H");
        for (AttributedString line : frame.subList(0, Math.min(frame.size(), height - 1))) {
            screen.append(colour ? line.toAnsi(terminal) : line.toString()).append("\u001b[K\r\n");
        }
        screen.append("q quits\u001b[J");
        terminal.writer().print(screen);
        terminal.flush();
    }
}
