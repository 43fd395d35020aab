package dev.hone.datasets.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.hone.datasets.UserError;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JinjaSandboxTest {
    private static final JinjaSandbox.Limits TIGHT =
            new JinjaSandbox.Limits(3_000_000, Duration.ofSeconds(5), 64L << 20);

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Time.
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                // Memory: strings, lists, ranges, padding.
                "{% set ns = namespace(s='0123456789') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s }}",
                "{% set ns = namespace(l=[1, 2]) %}{% for i in range(60) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
                "{{ range(999999999999) | length }}",
                "{{ 'a\n' * 999999999 }}",
                "{{ 'a\nb' | indent(999999999) }}",
                "{{ {'a': {'b': 1}} | tojson(indent=999999999) }}",
                // Output.
                "{% for a in range(99999) %}{{ '0123456789' * 9999 }}{% endfor %}",
                // A way out of the template.
                "{{ ''.constructor.constructor('return process')() }}",
                "{{ messages.__class__.__mro__ }}",
                "{{ Java.type('java.lang.Runtime') }}",
                "{{ load('/etc/passwd') }}",
                "{{ namespace.constructor('return this')() }}",
            })
    void aHostileTemplateIsRefusedInBoundedTime(String template) {
        try (JinjaSandbox sandbox = new JinjaSandbox("hostile", template, TIGHT)) {
            assertThatThrownBy(() -> sandbox.render("{\"messages\": []}"))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("hostile: ");
        }
    }

    /** By a parameter's name, as some are long. */
    static Map<String, String> hostile() {
        Map<String, String> templates = new LinkedHashMap<>();
        // Recursion: in the template's own structure, and in what it calls.
        templates.put("nested blocks", "{% if true %}".repeat(10_000) + "x" + "{% endif %}".repeat(10_000));
        templates.put("nested parentheses", "{{ " + "(".repeat(60_000) + "1" + ")".repeat(60_000) + " }}");
        templates.put("nested lists", "{{ " + "[".repeat(60_000) + "]".repeat(60_000) + " }}");
        templates.put("nested negations", "{{ " + "not ".repeat(50_000) + "true }}");
        templates.put("a long chain of filters", "{{ messages" + " | list".repeat(30_000) + " }}");
        templates.put("macros that call each other", """
                {% macro f(n) %}{{ g(n + 1) }}{% endmacro %}{% macro g(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}""");
        templates.put("a recursive value", """
                {% set ns = namespace(x=[]) %}{% for i in range(99999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x | tojson }}""");
        // Growth: what each step doubles or multiplies.
        templates.put("joins", """
                {% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set ns.s = [ns.s, ns.s, ns.s] | join(ns.s) %}{% endfor %}""");
        templates.put("replacements", """
                {% set ns = namespace(s='aa') %}{% for i in range(99) %}{% set ns.s = ns.s | replace('a', ns.s) %}{% endfor %}""");
        templates.put("a long refusal", "{{ raise_exception('no\\n' * 1000000) }}");
        // Ways to the host and to what JavaScript shares.
        for (String way : List.of(
                "messages.constructor.constructor('return globalThis')()",
                "messages['constructor']['constructor']('return 1')()",
                "(messages | attr('constructor'))('x')",
                "''.__class__.__base__.__subclasses__()",
                "cycler.__init__.__globals__.os.popen('id').read()",
                "self._TemplateReference__context",
                "raise_exception.constructor('return process')()",
                "Polyglot.eval('js', '1')",
                "Packages.java.lang.System.exit(1)",
                "import('fs')")) {
            templates.put(way, "{{ " + way + " }}");
        }
        templates.put("include", "{% include '/etc/passwd' %}");
        templates.put("import", "{% import 'os' as os %}");
        templates.put("extends", "{% extends 'base.html' %}");
        return templates;
    }

    static Set<String> hostileNames() {
        return hostile().keySet();
    }

    @ParameterizedTest
    @MethodSource("hostileNames")
    void whateverATemplateTriesItEndsInOneSentence(String attack) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = threads.getCurrentThreadAllocatedBytes();
        long started = System.nanoTime();
        try (JinjaSandbox sandbox =
                new JinjaSandbox("hostile", Objects.requireNonNull(hostile().get(attack)), TIGHT)) {
            assertThatThrownBy(() -> sandbox.render("{\"messages\": []}"))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("hostile: ")
                    .hasMessageNotContaining("\n")
                    .message()
                    .hasSizeLessThan(500);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - started))
                .isLessThan(TIGHT.time().multipliedBy(4));
        // What is allocated between two looks of the watchdog comes on top.
        assertThat(threads.getCurrentThreadAllocatedBytes() - allocated).isLessThan(8 * TIGHT.allocatedBytes());
    }

    /** Where one template changes what all objects of JavaScript share, the next must not see it. */
    @Test
    void nothingIsLeftForTheNextTemplate() {
        String plant = "{% set ns = namespace() %}{% set ns.__proto__ = {'planted': 'yes'} %}{{ messages.planted }}";
        try (JinjaSandbox sandbox = new JinjaSandbox("first", plant, TIGHT)) {
            assertThat(sandbox.render("{\"messages\": []}")).doesNotContain("yes");
            assertThat(sandbox.render("{\"messages\": []}")).doesNotContain("yes");
        }
    }

    @Test
    void aConversationNestedWithoutEndIsRefused() {
        try (JinjaSandbox sandbox = new JinjaSandbox("template", "{{ messages | tojson }}", TIGHT)) {
            String deep = "{\"messages\": " + "[".repeat(200_000) + "]".repeat(200_000) + "}";
            assertThatThrownBy(() -> sandbox.render(deep)).isInstanceOf(UserError.class);
        }
    }

    @Test
    void theClockBoundsWhatTheStatementsDoNot() {
        JinjaSandbox.Limits limits = new JinjaSandbox.Limits(Long.MAX_VALUE, Duration.ofMillis(200), Long.MAX_VALUE);
        String endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";
        try (JinjaSandbox sandbox = new JinjaSandbox("slow", endless, limits)) {
            assertThatThrownBy(() -> sandbox.render("{}"))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("ran past its bound");
        }
    }

    @Test
    void rendersAgainAfterARefusalWithFreshLimits() {
        String template = "{% for i in range(n) %}{{ i }}{% endfor %}";
        try (JinjaSandbox sandbox = new JinjaSandbox("template", template, TIGHT)) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> sandbox.render("{\"n\": 1000000}")).isInstanceOf(UserError.class);
                assertThat(sandbox.render("{\"n\": 3}")).isEqualTo("012");
            }
        }
    }

    @Test
    void aHugeTemplateIsRefusedUnread() {
        assertThatThrownBy(() -> new JinjaSandbox("huge", " ".repeat(1 << 19), TIGHT))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("at most 262144");
    }
}
