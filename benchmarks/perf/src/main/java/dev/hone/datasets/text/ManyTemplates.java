package dev.hone.datasets.text;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Renders one template after the other with the bounds of {@link JinjaSandbox} drawn tighter, so that a million hostile
 * ones end; the interpreter, which takes longer to start than a template to run, serves many. In this package to reach
 * the sandbox.
 */
public final class ManyTemplates {

    private static final JinjaSandbox.Limits TIGHT = new JinjaSandbox.Limits(200_000, Duration.ofSeconds(5), 64L << 20);

    private static final int TEMPLATES_OF_AN_INTERPRETER = 5000;

    private final String items;
    private @Nullable JinjaSandbox last;
    private int rendered;

    /** @param items the templates' variables, a JSON object */
    public ManyTemplates(String items) {
        this.items = items;
    }

    public String render(String template) {
        if (last != null && rendered++ % TEMPLATES_OF_AN_INTERPRETER == 0) {
            last.close();
            last = null;
        }
        JinjaSandbox sandbox = last == null ? new JinjaSandbox("template", template, TIGHT) : last.next(template);
        last = sandbox;
        return sandbox.render(items);
    }
}
