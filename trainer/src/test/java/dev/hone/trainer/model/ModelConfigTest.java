package dev.hone.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {

    private static final String SHAPE = """
            "vocab_size": 128, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
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

        assertThat(config).isEqualTo(new ModelConfig(128, 64, 96, 2, 4, 2, 16, 512, 500000.0, 1e-5, false, true));
    }

    @Test
    void readsWhatTransformersFiveWrites() throws IOException {
        ModelConfig config = read(
                "Qwen2ForCausalLM",
                "\"head_dim\": 32, \"rope_parameters\": {\"rope_theta\": 1000000.0, \"rope_type\": \"default\"},"
                        + " \"layer_types\": [\"full_attention\", \"full_attention\"], \"sliding_window\": null,"
                        + " \"use_sliding_window\": false, \"max_window_layers\": 28, \"dtype\": \"float32\"");

        assertThat(config).isEqualTo(new ModelConfig(128, 64, 96, 2, 4, 4, 32, 512, 1e6, 1e-5, true, false));
    }

    @Test
    void readsMistralWithoutASlidingWindow() throws IOException {
        assertThat(read("MistralForCausalLM", "\"sliding_window\": null").attentionBias())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LlamaForCausalLM | \"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8.0} | rope_scaling",
                "LlamaForCausalLM | \"rope_parameters\": {\"rope_type\": \"yarn\"} | rope_parameters.rope_type",
                "LlamaForCausalLM | \"hidden_act\": \"gelu\" | hidden_act",
                "LlamaForCausalLM | \"attention_bias\": true | attention_bias",
                "LlamaForCausalLM | \"mlp_bias\": true | mlp_bias",
                "LlamaForCausalLM | \"partial_rotary_factor\": 0.5 | partial_rotary_factor",
                "LlamaForCausalLM | \"quantization_config\": {\"bits\": 4} | quantization_config",
                "LlamaForCausalLM | \"logit_softcapping\": 30.0 | logit_softcapping",
                "LlamaForCausalLM | \"num_key_value_heads\": 3 | num_key_value_heads",
                "LlamaForCausalLM | \"head_dim\": 15 | head_dim",
                "LlamaForCausalLM | \"vocab_size\": \"many\" | vocab_size",
                "MistralForCausalLM | \"sliding_window\": 4096 | sliding_window",
                "Qwen2ForCausalLM | \"use_sliding_window\": true | use_sliding_window",
                "Qwen2ForCausalLM | \"layer_types\": [\"sliding_attention\", \"full_attention\"] | layer_types",
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
            assertThat(ModelConfig.read(folder)).isEqualTo(config);
        }
    }

    private ModelConfig read(String architecture, String keys) throws IOException {
        Files.writeString(
                folder.resolve("config.json"),
                "{\"architectures\": [\"" + architecture + "\"], \"model_type\": \"any\", " + SHAPE + ", " + keys
                        + "}");
        return ModelConfig.read(folder);
    }
}
