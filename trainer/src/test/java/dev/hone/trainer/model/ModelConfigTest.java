package dev.hone.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {

    private static final String SHAPE = """
            "vocab_size": 128, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 4,
            "num_attention_heads": 4, "max_position_embeddings": 512, "rms_norm_eps": 1e-05
            """;

    @TempDir
    Path folder;

    @Test
    void readsWhatTransformersFourWrites() throws IOException {
        ModelConfig config = read(
                "LlamaForCausalLM",
                "\"num_key_value_heads\": 2, \"rope_theta\": 500000.0, \"rope_scaling\": null, \"tie_word_embeddings\":"
                        + " true, \"hidden_act\": \"silu\", \"attention_bias\": false, \"use_cache\": true,"
                        + " \"torch_dtype\": \"bfloat16\", \"transformers_version\": \"4.45.0\", \"eos_token_id\": [1, 2]");

        assertSame(config, new ModelConfig(128, 64, 96, 4, 4, 2, 16, 512, 500000.0, 1e-5, false, true));
    }

    /** The keys that the published models have beside those of their shape. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // SmolLM2
                "LlamaForCausalLM | \"is_llama_config\": true, \"rope_interleaved\": false, \"rope_scaling\": null, \"rope_theta\": 100000, \"pretraining_tp\": 1, \"attention_dropout\": 0.0, \"transformers.js_config\": {\"kv_cache_dtype\": {\"q4f16\": \"float16\"}} | 100000",
                // Llama 2
                "LlamaForCausalLM | \"_name_or_path\": \"meta-llama/Llama-2-7b-hf\", \"pad_token_id\": 0, \"pretraining_tp\": 1, \"rope_scaling\": null, \"tie_word_embeddings\": false, \"torch_dtype\": \"float16\" | 10000",
                // Qwen2.5
                "Qwen2ForCausalLM | \"attention_dropout\": 0.0, \"max_window_layers\": 28, \"rope_theta\": 1000000.0, \"sliding_window\": 131072, \"use_mrope\": false, \"use_sliding_window\": false | 1000000",
                // Phi-4-mini
                "Phi3ForCausalLM | \"full_attn_mod\": 1, \"interpolate_factor\": 1, \"lm_head_bias\": false, \"mlp_bias\": false, \"original_max_position_embeddings\": 128, \"partial_rotary_factor\": 0.75, \"sliding_window\": 262144, \"tie_word_embeddings\": true, \"rope_scaling\": {\"type\": \"longrope\", \"long_factor\": [1, 2, 3, 4, 5, 6], \"short_factor\": [1, 1, 1, 1, 2, 2]} | 10000",
                // Phi-4-reasoning
                "Phi3ForCausalLM | \"attention_bias\": false, \"attention_dropout\": 0.0, \"embd_pdrop\": 0.0, \"original_max_position_embeddings\": 512, \"resid_pdrop\": 0.0, \"rope_scaling\": null, \"rope_theta\": 500000, \"sliding_window\": null | 500000",
                // Phi-3.5
                "Phi3ForCausalLM | \"auto_map\": {}, \"embd_pdrop\": 0.0, \"resid_pdrop\": 0.0, \"original_max_position_embeddings\": 128, \"sliding_window\": 262144, \"attention_bias\": false, \"rope_scaling\": {\"type\": \"longrope\", \"long_factor\": [1, 2, 3, 4, 5, 6, 7, 8], \"short_factor\": [1, 1, 1, 1, 2, 2, 2, 2]} | 10000",
            })
    void readsWhatIsPublished(String architecture, String keys, double theta) throws IOException {
        ModelConfig config = read(architecture, keys);

        assertThat(config.ropeTheta()).isEqualTo(theta);
        assertThat(config.kvHeads()).isEqualTo(config.heads());
        assertThat(config.windows()).containsOnly(0);
        assertThat(config.ropes().get(0).scaling() instanceof RopeScaling.LongRope)
                .isEqualTo(keys.contains("longrope"));
    }

    @Test
    void readsWhatTransformersFiveWrites() throws IOException {
        ModelConfig config = read(
                "Qwen2ForCausalLM",
                "\"head_dim\": 32, \"rope_parameters\": {\"rope_theta\": 1000000.0, \"rope_type\": \"default\"},"
                        + " \"layer_types\": [\"full_attention\", \"full_attention\", \"full_attention\", \"full_attention\"], \"sliding_window\": null,"
                        + " \"use_sliding_window\": false, \"max_window_layers\": 28, \"dtype\": \"float32\"");

        assertSame(config, new ModelConfig(128, 64, 96, 4, 4, 4, 32, 512, 1e6, 1e-5, true, false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "MistralForCausalLM | \"sliding_window\": null | 0, 0, 0, 0",
                "MistralForCausalLM | \"sliding_window\": 256 | 256, 256, 256, 256",
                "MistralForCausalLM | \"sliding_window\": 4096 | 0, 0, 0, 0",
                "Phi3ForCausalLM | \"use_cache\": true | 0, 0, 0, 0",
                "Phi3ForCausalLM | \"sliding_window\": 300 | 300, 300, 300, 300",
                "Qwen2ForCausalLM | \"sliding_window\": 9, \"use_sliding_window\": false | 0, 0, 0, 0",
                "Qwen2ForCausalLM | \"sliding_window\": 9, \"use_sliding_window\": true, \"max_window_layers\": 3 | 0, 0, 0, 9",
                "Gemma2ForCausalLM | \"sliding_window\": 9 | 9, 0, 9, 0",
                "Gemma3ForCausalLM | \"sliding_window\": 9, \"sliding_window_pattern\": 3 | 9, 9, 0, 9",
                "Gemma3ForCausalLM | \"sliding_window\": 9, \"layer_types\": [\"full_attention\", \"sliding_attention\","
                        + " \"full_attention\", \"full_attention\"] | 0, 9, 0, 0",
            })
    void readsWindows(String architecture, String keys, String windows) throws IOException {
        ModelConfig config = read(architecture, keys + ", \"head_dim\": 16");

        assertThat(config.windows()).hasToString("[" + windows + "]");
    }

    @Test
    void readsWhatTransformersFourWroteOfGemma3() throws IOException {
        ModelConfig config = read(
                "Gemma3ForCausalLM",
                "\"head_dim\": 256, \"query_pre_attn_scalar\": 144, \"rope_theta\": 1000000.0,"
                        + " \"rope_local_base_freq\": 5000.0, \"hidden_activation\": \"gelu_pytorch_tanh\","
                        + " \"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 8.0}, \"sliding_window\": 64,"
                        + " \"sliding_window_pattern\": 4");

        RopeConfig local = new RopeConfig(5000, 256, new RopeScaling.None());
        assertThat(config.ropes())
                .containsExactly(local, local, local, new RopeConfig(1e6, 256, new RopeScaling.Linear(8)));
        assertThat(config.attentionScale()).isEqualTo(1 / 12.0);
        assertThat(config.tieWordEmbeddings()).isTrue();
    }

    @Test
    void layersOfOneModelHaveTheirOwnRotaryPositions() throws IOException {
        // A window that reaches over all positions leaves the layer its own base.
        ModelConfig gemma = read("Gemma3ForCausalLM", "\"sliding_window\": 4096, \"sliding_window_pattern\": 2");
        assertThat(gemma.windows()).containsOnly(0);
        assertThat(gemma.ropes()).extracting(RopeConfig::theta).containsExactly(1e4, 1e6, 1e4, 1e6);

        String[] without = {
            "\"no_rope_layer_interval\": 2",
            "\"no_rope_layers\": [1, 0, 1, 0], \"no_rope_layer_interval\": 4, \"pretraining_tp\": 2",
        };
        for (String keys : without) {
            assertThat(read("SmolLM3ForCausalLM", keys).ropes())
                    .extracting(RopeConfig::rotaryDim)
                    .containsExactly(16, 0, 16, 0);
        }
        assertThat(read("SmolLM3ForCausalLM", "\"use_cache\": true").ropes())
                .extracting(RopeConfig::rotaryDim)
                .containsExactly(16, 16, 16, 0);
        assertThat(read("SmolLM3ForCausalLM", "\"sliding_window\": 9, \"use_sliding_window\": true")
                        .windows())
                .containsExactly(0, 0, 0, 9);
    }

    @Test
    void readsWhatTransformersFourWroteOfPhi3() throws IOException {
        ModelConfig config = read(
                "Phi3ForCausalLM",
                "\"original_max_position_embeddings\": 128, \"partial_rotary_factor\": 0.25, \"rope_scaling\": {\"type\":"
                        + " \"su\", \"short_factor\": [1.0, 1.5], \"long_factor\": [2.0, 3.5]}, \"auto_map\": {}");

        assertThat(config.ropes().get(0))
                .isEqualTo(new RopeConfig(
                        10_000,
                        4,
                        new RopeScaling.LongRope(
                                List.of(1.0, 1.5),
                                List.of(2.0, 3.5),
                                Math.sqrt(1 + Math.log(4) / Math.log(128)),
                                128)));
    }

    /** As transformers' own configuration classes do. */
    @ParameterizedTest
    @CsvSource({
        "LlamaForCausalLM, 16, 1e-6, false, 10000",
        "MistralForCausalLM, 16, 1e-6, false, 10000",
        "Qwen2ForCausalLM, 16, 1e-6, false, 10000",
        "Qwen3ForCausalLM, 128, 1e-6, false, 10000",
        "Phi3ForCausalLM, 16, 1e-5, false, 10000",
        "Gemma2ForCausalLM, 256, 1e-6, true, 10000",
        "Gemma3ForCausalLM, 256, 1e-6, true, 10000",
        "Olmo2ForCausalLM, 16, 1e-5, false, 10000",
        "SmolLM3ForCausalLM, 16, 1e-6, true, 2000000"
    })
    void assumesWhatIsLeftOut(String architecture, int headDim, double eps, boolean tied, double theta)
            throws IOException {
        ModelConfig config = read(architecture, "\"rms_norm_eps\": null, \"head_dim\": null, \"rope_theta\": null");

        assertThat(config.headDim()).isEqualTo(headDim);
        assertThat(config.rmsNormEps()).isEqualTo(eps);
        assertThat(config.tieWordEmbeddings()).isEqualTo(tied);
        assertThat(config.ropeTheta()).isEqualTo(theta);
    }

    @Test
    void nullIsAsGoodAsNothing() throws IOException {
        ModelConfig config = read(
                "LlamaForCausalLM",
                "\"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 4.0, \"attention_factor\": null, \"beta_fast\": null,"
                        + " \"original_max_position_embeddings\": 128}, \"quantization_config\": null");

        assertThat(config.ropes().get(0).scaling())
                .isEqualTo(new RopeScaling.Yarn(4, 0.1 * Math.log(4) + 1, 32, 1, 128, true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LlamaForCausalLM | \"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8.0} | rope_scaling",
                "LlamaForCausalLM | \"rope_parameters\": {\"rope_type\": \"yarn\"} | rope_parameters.factor",
                "LlamaForCausalLM | \"rope_scaling\": {\"rope_type\": \"wave\"} | rope_scaling.rope_type",
                "LlamaForCausalLM | \"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 2, \"bend\": 1} | rope_scaling.bend",
                "LlamaForCausalLM | \"hidden_act\": \"gelu\" | hidden_act",
                "LlamaForCausalLM | \"attention_bias\": true | attention_bias",
                "LlamaForCausalLM | \"mlp_bias\": true | mlp_bias",
                "LlamaForCausalLM | \"partial_rotary_factor\": 0.5 | partial_rotary_factor",
                "LlamaForCausalLM | \"quantization_config\": {\"bits\": 4} | quantization_config",
                "LlamaForCausalLM | \"logit_softcapping\": 30.0 | logit_softcapping",
                "LlamaForCausalLM | \"num_key_value_heads\": 3 | num_key_value_heads",
                "LlamaForCausalLM | \"head_dim\": 15 | head_dim",
                "LlamaForCausalLM | \"vocab_size\": \"many\" | vocab_size",
                "LlamaForCausalLM | \"sliding_window\": 4096 | sliding_window",
                "Qwen3ForCausalLM | \"attn_logit_softcapping\": 50.0 | attn_logit_softcapping",
                "Gemma2ForCausalLM | \"hidden_activation\": \"gelu\" | hidden_activation",
                "Phi3ForCausalLM | \"resid_pdrop\": 0.1 | resid_pdrop",
                "LlamaForCausalLM | \"rope_interleaved\": true | rope_interleaved",
                "Qwen2ForCausalLM | \"layer_types\": [\"sliding_attention\", \"full_attention\"] | layer_types",
                "LlamaForCausalLM | \"no_rope_layers\": [1, 1, 1, 0] | no_rope_layers",
                "SmolLM3ForCausalLM | \"no_rope_layers\": [1, 1, 0] | no_rope_layers",
                "SmolLM3ForCausalLM | \"no_rope_layers\": [1, 1, 2, 0] | no_rope_layers",
                "SmolLM3ForCausalLM | \"no_rope_layer_interval\": 0 | no_rope_layer_interval",
                "GemmaForCausalLM | \"use_cache\": true | GemmaForCausalLM",
            })
    void refusesByNameWhatChangesTheArithmetic(String architecture, String key, String named) {
        assertThatThrownBy(() -> read(architecture, key))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("config.json")
                .hasMessageContaining(named);
    }

    @Test
    void saysWhereAFileIsMissingOrNoJson() throws IOException {
        assertThatThrownBy(() -> ModelConfig.read(folder))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("config.json");
        Files.writeString(folder.resolve("config.json"), "{\"vocab_size\": 12");
        assertThatThrownBy(() -> ModelConfig.read(folder))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("config.json");
    }

    @Test
    void readsBackWhatItWrites() throws IOException {
        for (ModelConfig config : new ModelConfig[] {Models.TIED, Models.UNTIED}) {
            config.write(folder);
            assertSame(ModelConfig.read(folder), config);
        }
    }

    @Test
    void keepsKeysOfOthersWhenItWritesWhatItRead() throws IOException {
        read("LlamaForCausalLM", "\"eos_token_id\": [1, 2], \"_note\": \"kept\", \"torch_dtype\": \"float32\"")
                .write(folder, "bfloat16");

        assertThat(Files.readString(folder.resolve("config.json")))
                .contains("\"_note\" : \"kept\"", "\"eos_token_id\"", "\"torch_dtype\" : \"bfloat16\"");
    }

    /** But for the text they were read from. */
    private static void assertSame(ModelConfig actual, ModelConfig expected) {
        assertThat(actual).usingRecursiveComparison().ignoringFields("source").isEqualTo(expected);
    }

    private ModelConfig read(String architecture, String keys) throws IOException {
        Files.writeString(
                folder.resolve("config.json"),
                "{\"architectures\": [\"" + architecture + "\"], \"model_type\": \"any\", " + SHAPE + ", " + keys
                        + "}");
        return ModelConfig.read(folder);
    }
}
