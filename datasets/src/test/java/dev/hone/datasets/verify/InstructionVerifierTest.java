package dev.hone.datasets.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InstructionVerifierTest {
    record Case(String instruction, Map<String, Object> arguments, String follows, String breaks) {}

    static Stream<Case> cases() {
        return Stream.of(
                new Case(
                        "keywords:existence",
                        Map.of("keywords", List.of("Apple", "pear")),
                        "a pear, an apple",
                        "an apple"),
                new Case(
                        "keywords:frequency",
                        Map.of("keyword", "tea", "frequency", 2, "relation", "at least"),
                        "Tea and tea",
                        "tea"),
                new Case(
                        "keywords:frequency",
                        Map.of("keyword", "tea", "frequency", 2, "relation", "less than"),
                        "tea",
                        "tea tea"),
                new Case(
                        "keywords:forbidden_words",
                        Map.of("forbidden_words", List.of("rain")),
                        "it is a train",
                        "Rain again"),
                new Case(
                        "keywords:letter_frequency",
                        Map.of("letter", "q", "let_frequency", 2, "let_relation", "at least"),
                        "Quick quiz",
                        "quick"),
                new Case(
                        "language:response_language",
                        Map.of("language", "de"),
                        "Das ist nicht von mir und es ist gut.",
                        "This is not from me and it is good."),
                new Case(
                        "language:response_language",
                        Map.of("language", "fr"),
                        "Il est dans la maison avec une amie.",
                        "Está en la casa con una amiga y el perro."),
                new Case("language:response_language", Map.of("language", "ja"), "これは日本語の文です。", "这是中文句子。"),
                new Case(
                        "language:response_language",
                        Map.of("language", "hi"),
                        "यह एक किताब है और मेज पर है",
                        "हे पुस्तक आहे आणि ते छान आहे"),
                new Case(
                        "length_constraints:number_sentences",
                        Map.of("num_sentences", 3, "relation", "less than"),
                        "Dr. Smith left. He ran!",
                        "One. Two. Three."),
                new Case(
                        "length_constraints:number_paragraphs",
                        Map.of("num_paragraphs", 2),
                        "one\n***\ntwo",
                        "one\n***\ntwo\n***\nthree"),
                new Case(
                        "length_constraints:number_words",
                        Map.of("num_words", 4, "relation", "at least"),
                        "one two three four",
                        "one two three"),
                new Case(
                        "length_constraints:nth_paragraph_first_word",
                        Map.of("num_paragraphs", 2, "nth_paragraph", 2, "first_word", "Then"),
                        "First.\n\n\"then, go.",
                        "Then.\n\nGo."),
                new Case(
                        "detectable_content:number_placeholders",
                        Map.of("num_placeholders", 2),
                        "[name] of [place]",
                        "[name]"),
                new Case(
                        "detectable_content:postscript", Map.of("postscript_marker", "P.S."), "Bye\nP. S. more", "Bye"),
                new Case(
                        "detectable_content:postscript",
                        Map.of("postscript_marker", "P.P.S"),
                        "Bye\nP.P.S more",
                        "Bye P.S. more"),
                new Case(
                        "detectable_format:number_bullet_lists",
                        Map.of("num_bullets", 2),
                        "* one\n* two",
                        "* one\n- two\n* three"),
                new Case("detectable_format:constrained_response", Map.of(), "My answer is maybe.", "Maybe."),
                new Case(
                        "detectable_format:number_highlighted_sections",
                        Map.of("num_highlights", 2),
                        "*one* and **two**",
                        "*one* and ** **"),
                new Case(
                        "detectable_format:multiple_sections",
                        Map.of("section_spliter", "SECTION", "num_sections", 2),
                        "SECTION 1\na\nSECTION 2\nb",
                        "SECTION 1\na"),
                new Case("detectable_format:json_format", Map.of(), "```json\n{\"a\": [1]}\n```", "{a: 1"),
                new Case("detectable_format:title", Map.of(), "<<A title>>\ntext", "<< >>\ntext"),
                new Case("combination:two_responses", Map.of(), "one\n******\ntwo", "one\n******\none"),
                new Case(
                        "combination:repeat_prompt",
                        Map.of("prompt_to_repeat", "Say it."),
                        "say it. It.",
                        "It. Say it."),
                new Case("startend:end_checker", Map.of("end_phrase", "The end."), "So. THE END.", "The end. Or not"),
                new Case("startend:quotation", Map.of(), "\"quoted\"", "\"quoted"),
                new Case(
                        "change_case:capital_word_frequency",
                        Map.of("capital_frequency", 2, "capital_relation", "at least"),
                        "This IS SO",
                        "This IS so"),
                new Case("change_case:english_capital", Map.of(), "THIS IS THE END", "THIS is the end"),
                new Case("change_case:english_lowercase", Map.of(), "this is the end", "This is the end"),
                new Case("punctuation:no_comma", Map.of(), "no comma here", "one, two"));
    }

    private static Verdict verify(List<String> instructions, List<Map<String, Object>> arguments, String response) {
        return Verifying.verify(
                "instructions", "-", Map.of("instruction_id_list", instructions, "kwargs", arguments), response);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void tellsWhatFollowsFromWhatBreaks(Case one) {
        assertThat(verify(List.of(one.instruction()), List.of(one.arguments()), one.follows())
                        .explanation())
                .isEqualTo("as the key says");
        assertThat(verify(List.of(one.instruction()), List.of(one.arguments()), one.breaks())
                        .explanation())
                .isEqualTo("does not follow " + one.instruction());
    }

    @Test
    void theCasesHoldAllTwentyFiveInstructions() {
        Set<String> tried = cases().map(Case::instruction).collect(Collectors.toSet());

        assertThat(tried).isEqualTo(Instruction.BY_NAME.keySet()).hasSize(25);
    }

    @Test
    void allMustBeFollowed() {
        Verdict verdict = verify(
                List.of("punctuation:no_comma", "startend:quotation", "keywords:existence"),
                List.of(Map.of(), Map.of(), Map.of("keywords", List.of("tea"))),
                "tea, please");

        assertThat(verdict.explanation()).isEqualTo("does not follow punctuation:no_comma, startend:quotation");
    }

    @Test
    void aKeyThatCannotBeReadIsAnErrorOfItsOwn() {
        assertThat(verify(List.of("punctuation:no_coma"), List.of(), "x").error())
                .isEqualTo("key: unknown instruction \"punctuation:no_coma\", did you mean \"punctuation:no_comma\"?");
        assertThat(verify(List.of("length_constraints:number_words"), List.of(), "x")
                        .error())
                .contains("\"num_words\"");
        assertThat(verify(List.of(), List.of(), "x").error()).contains("instruction_id_list");
        assertThat(Verifying.verify("instructions", "-", Map.of("instruction_id_list", "x"), "x")
                        .error())
                .startsWith("key: ");
    }
}
