package dev.hone.datasets.verify;

import dev.hone.datasets.Resources;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.sandbox.Language;
import dev.hone.datasets.sandbox.Limits;
import dev.hone.datasets.sandbox.Sandbox;
import dev.hone.datasets.sandbox.SandboxResult;
import dev.hone.datasets.sandbox.SandboxResult.End;
import dev.hone.datasets.sandbox.SandboxUnavailable;
import dev.hone.datasets.verify.CodeTests.Assertions;
import dev.hone.datasets.verify.CodeTests.Calls;
import dev.hone.datasets.verify.CodeTests.Streams;
import dev.hone.datasets.verify.Metadata.BadKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The program in the completion must pass its tests, run in the sandbox. Expected outputs and results stay outside of it,
 * and a program that ends before its tests have ended has not passed them.
 */
final class CodeVerifier implements Verifier {
    /** Calls each function and prints what plain data it returned. A class of one's own cannot pose as data. */
    private static final String CALLS = """


            def __hone_plain(value):
                kind = type(value)
                if value is None or kind in (bool, int, float, str):
                    return value
                if kind in (list, tuple):
                    return [__hone_plain(item) for item in value]
                if kind in (set, frozenset):
                    return sorted(__hone_plain(item) for item in value)
                if kind is dict:
                    return {str(key): __hone_plain(item) for key, item in value.items()}
                raise TypeError('returned a ' + kind.__name__)

            import json as __hone_json
            __hone_function = globals().get('%3$s') or getattr(Solution(), '%3$s')
            for __hone_arguments in __hone_json.loads(%1$s):
                print('\\n%2$s' + __hone_json.dumps(__hone_plain(__hone_function(*__hone_arguments))), flush=True)
            """;

    /** What sites that ask for a method of a class Solution import before it. */
    private static final String CONTEST_IMPORTS = """
            import bisect, collections, functools, heapq, itertools, math, operator, random, re, string
            from bisect import *
            from collections import *
            from functools import *
            from heapq import *
            from itertools import *
            from math import *
            from typing import *
            """;

    /** What other judges import before a function; without the names of math, which hide built-in ones. */
    private static final String USUAL_IMPORTS =
            CONTEST_IMPORTS.replace("from math import *\n", "").replace("from functools import *\n", "");

    /** A program's own main part is not run where its function is called. */
    private static final String NOT_MAIN =
            "import sys\nsys.modules['solution'] = sys.modules[__name__]\n__name__ = 'solution'\n";

    private static final String JAVA_CONTEST_IMPORTS =
            "import java.util.*;\nimport java.util.function.*;\nimport java.util.stream.*;\nimport java.math.*;\n";

    /** Source that calls a method by reflection. */
    private static final String JAVA_CALLS = Resources.text(CodeVerifier.class, "JavaCalls.java.txt");

    private static final Pattern CLASS =
            Pattern.compile("(?m)^\\s*(?:(?:public|final|abstract) )*(?:class|record) (\\w+)");
    private static final Pattern TOP_CLASS =
            Pattern.compile("(?m)^(?:(?:public|final|abstract|sealed) )*(?:class|record|enum|interface) (\\w+)");
    private static final String[] PYTHON_TAGS = {"python", "python3", "py"};
    private static final Pattern FUTURE = Pattern.compile("(?m)^from __future__ import .*$");
    private static final Pattern IMPORT = Pattern.compile("(?m)^import .*;\\s*$");

    private final Language language;
    private final Supplier<VerifierOptions> options;

    CodeVerifier(Language language, Supplier<VerifierOptions> options) {
        this.language = language;
        this.options = options;
    }

    @Override
    public String name() {
        return language.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public boolean comparesAnswers() {
        return false;
    }

    @Override
    public Verdict verify(Pair pair, String completion) {
        try {
            CodeTests tests = CodeTests.of(pair);
            Limits limits = CodeTests.limits(pair, options.get().limits(language));
            String text = FinalAnswer.withoutThought(completion);
            if (text.isBlank()) {
                return Verdict.noAnswer();
            }
            Sandbox sandbox = Sandbox.ofThisMachine(options.get().sandbox());
            if (tests instanceof Streams streams) {
                return streams(sandbox, streams, whole(text), limits);
            }
            if (language != Language.PYTHON) {
                String code = CodeText.block(text, "class", "java").orElse(text);
                return tests instanceof Calls calls
                        ? javaCalls(sandbox, calls, code, limits)
                        : javaAssertions(sandbox, (Assertions) tests, code, limits);
            }
            return tests instanceof Calls calls
                    ? calls(sandbox, calls, program(pair, text, calls.function()), limits)
                    : assertions(sandbox, (Assertions) tests, pair, text, limits);
        } catch (BadKey e) {
            return Verdict.failed(null, e.explanation());
        } catch (SandboxUnavailable e) {
            return Verdict.failed(null, "sandbox: " + e.getMessage());
        }
    }

    /** The program of the completion, or the prompt's begun function with its continuation. */
    private static String program(Pair pair, String text, String function) {
        boolean begun = pair.prompt().contains("def " + function);
        String start = text.lines().filter(line -> !line.isBlank()).findFirst().orElse("");
        if (begun && start.startsWith("    ") && !start.strip().startsWith("```")) {
            return pair.prompt() + CodeText.body(text);
        }
        String code =
                CodeText.withHelpers(text, "def " + function, PYTHON_TAGS).orElseGet(() -> CodeText.unfenced(text));
        boolean defines = code.contains("def " + function) || !begun;
        if (defines) {
            // What stands before the prompt's function is there as if it had been continued.
            return begun ? CodeText.preamble(pair.prompt(), function) + code : code;
        }
        return pair.prompt() + CodeText.body(code);
    }

    /** A program that reads input, or that tests are appended to. */
    private String whole(String text) {
        return language == Language.PYTHON
                ? CodeText.block(text, "", PYTHON_TAGS).orElseGet(() -> CodeText.unfenced(text))
                : mainFirst(CodeText.block(text, "class", "java").orElse(text));
    }

    /** In a file run as it is, the first class is the one that runs: one that calls the class with main, where that is another. */
    private static String mainFirst(String code) {
        int main = code.indexOf("static void main(");
        List<MatchResult> classes = TOP_CLASS.matcher(code).results().toList();
        String owner = classes.stream()
                .filter(found -> found.start() < main)
                .reduce((first, last) -> last)
                .map(found -> found.group(1))
                .orElse("");
        if (owner.isEmpty() || classes.get(0).group(1).equals(owner)) {
            return code;
        }
        return imports(code) + "\nclass HoneMain { public static void main(String[] given) throws Throwable { " + owner
                + ".main(given); } }\n" + withoutImports(code);
    }

    private Verdict streams(Sandbox sandbox, Streams tests, String code, Limits limits) throws SandboxUnavailable {
        for (int i = 0; i < tests.inputs().size(); i++) {
            SandboxResult result = sandbox.run(language, code, tests.inputs().get(i), limits);
            String test = "test " + (i + 1) + " of " + tests.inputs().size() + ": ";
            if (!result.isSuccess()) {
                return Verdict.wrong(code, test + fault(result));
            }
            String expected = tests.outputs().get(i);
            if (!ProgramOutput.areEqual(expected, result.out())) {
                return Verdict.wrong(code, test + "printed " + shown(result.out()) + ", expected " + shown(expected));
            }
        }
        return Verdict.right(code);
    }

    private Verdict calls(Sandbox sandbox, Calls tests, String code, Limits limits) throws SandboxUnavailable {
        String mark = UUID.randomUUID().toString();
        String arguments = CodeTests.JSON.writeValueAsString(
                CodeTests.JSON.valueToTree(tests.arguments()).toString());
        String future = String.join(
                "\n", FUTURE.matcher(code).results().map(MatchResult::group).toList());
        String imports = code.contains("class Solution") ? CONTEST_IMPORTS : USUAL_IMPORTS;
        String program = future + "\n" + NOT_MAIN + imports
                + FUTURE.matcher(code).replaceAll("") + CALLS.formatted(arguments, mark, tests.function());
        return called(tests, code, mark, sandbox.run(language, program, "", limits));
    }

    /** A method of the program's classes, called by reflection; the arguments come in by its input. */
    private Verdict javaCalls(Sandbox sandbox, Calls tests, String written, Limits limits) throws SandboxUnavailable {
        String code = CLASS.matcher(written).find() ? written : "class Solution {\n" + written + "\n}";
        String owners = CLASS.matcher(code)
                .results()
                .map(found -> found.group(1))
                .distinct()
                .collect(Collectors.joining(" "));
        String mark = UUID.randomUUID().toString();
        String input = mark + "\n" + tests.function() + "\n" + owners + "\n"
                + tests.arguments().stream().map(JsonNode::toString).collect(Collectors.joining("\n"));
        String program = JAVA_CONTEST_IMPORTS + imports(code) + "\n" + JAVA_CALLS + "\n" + withoutImports(code);
        return called(tests, code, mark, sandbox.run(language, program, input, limits));
    }

    private static Verdict called(Calls tests, String code, String mark, SandboxResult result) {
        List<String> returned = result.out()
                .lines()
                .filter(line -> line.startsWith(mark))
                .map(line -> line.substring(mark.length()))
                .collect(Collectors.toCollection(ArrayList::new));
        for (int i = 0; i < tests.results().size(); i++) {
            String listed = tests.arguments().get(i).toString();
            String call = shown(tests.function() + "(" + listed.substring(1, listed.length() - 1) + ")");
            if (i >= returned.size()) {
                return Verdict.wrong(code, call + ": " + fault(result));
            }
            if (!isResult(tests.results().get(i), returned.get(i))) {
                return Verdict.wrong(
                        code,
                        call + " returned " + shown(returned.get(i)) + ", expected "
                                + shown(tests.results().get(i).toString()));
            }
        }
        return result.isSuccess() ? Verdict.right(code) : Verdict.wrong(code, fault(result));
    }

    private static boolean isResult(JsonNode expected, String returned) {
        try {
            return ProgramOutput.areEqual(expected, CodeTests.JSON.readTree(returned));
        } catch (JacksonException notPlainData) {
            return false;
        }
    }

    private Verdict assertions(Sandbox sandbox, Assertions tests, Pair pair, String text, Limits limits)
            throws SandboxUnavailable {
        String code = tests.function() == null ? whole(text) : program(pair, text, tests.function());
        String mark = UUID.randomUUID().toString();
        String program = code + "\n\n" + tests.code() + "\nprint('\\n" + mark + "', flush=True)\n";
        return judged(code, mark, sandbox.run(language, program, "", limits));
    }

    /** The tests are a class with a main; in a file run as it is, the first class is the one that runs. */
    private Verdict javaAssertions(Sandbox sandbox, Assertions tests, String code, Limits limits)
            throws SandboxUnavailable {
        String mark = UUID.randomUUID().toString();
        String classes = withoutImports(code);
        String imports = imports(code + "\n" + tests.code());
        String test = IMPORT.matcher(tests.code()).replaceAll("");
        int end = test.lastIndexOf('}');
        int mainEnd = end < 0 ? -1 : test.lastIndexOf('}', end - 1);
        if (mainEnd < 0) {
            return Verdict.failed(code, "key: the answer must be a Java class whose last method is main");
        }
        String marked =
                test.substring(0, mainEnd) + "System.out.println(\"\\n" + mark + "\");" + test.substring(mainEnd);
        return judged(code, mark, sandbox.run(language, imports + "\n" + marked + "\n" + classes, "", limits));
    }

    private static String imports(String code) {
        return IMPORT.matcher(code)
                .results()
                .map(found -> found.group().strip())
                .distinct()
                .collect(Collectors.joining("\n"));
    }

    /** As it may stand below other classes of one file. */
    private static String withoutImports(String code) {
        return IMPORT.matcher(code)
                .replaceAll("")
                .replaceAll("(?m)^package [^;]*;", "")
                .replaceAll("(?m)^public (?=(?:final |abstract )?(?:class|record|enum|interface))", "");
    }

    private static Verdict judged(String code, String mark, SandboxResult result) {
        if (!result.isSuccess()) {
            return Verdict.wrong(code, fault(result));
        }
        boolean ended = result.out().lines().anyMatch(mark::equals);
        return ended ? Verdict.right(code) : Verdict.wrong(code, "it ended before its tests had ended");
    }

    private static String fault(SandboxResult result) {
        if (result.end() != End.EXITED) {
            return result.end().words();
        }
        List<String> lines = result.err().strip().lines().toList();
        String last = lines.isEmpty() ? "" : ": " + shown(lines.get(lines.size() - 1));
        return "it ended with exit code " + result.exitCode() + last;
    }

    private static String shown(String text) {
        String stripped = text.strip();
        return stripped.length() <= 200 ? stripped : stripped.substring(0, 200) + "...";
    }
}
