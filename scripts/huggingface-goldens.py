#!/usr/bin/env python3
"""Makes goldens/huggingface: tiny Hugging Face directories with random weights, and what transformers computes with them.

    python3 scripts/huggingface-goldens.py goldens/tokenizers/huggingface/llama3/tokenizer.json demo/evaluation.txt goldens/huggingface

needs torch, transformers, safetensors and sentencepiece. Logits are computed in float64 with the stored weights and rounded to float32 once.
"""
import copy
import json
import shutil
import sys
from pathlib import Path

import sentencepiece
import torch
from safetensors.torch import load_file, save_file
from transformers import (LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM, MixtralConfig,
                          MixtralForCausalLM)

tokenizer_json, corpus, out = sys.argv[1], sys.argv[2], Path(sys.argv[3])
GREEDY = 12


def spread(model, seed):
    """Weights at which attention is sharp and no norm is the identity."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.dim() == 1:
                p.copy_(1 + 0.3 * torch.randn_like(p))
            elif "embed" in name:
                p.copy_(torch.randn_like(p))
            else:
                p.copy_(torch.randn_like(p) * 1.6 / p.shape[-1] ** 0.5)


def tokens(vocabulary, n, seed):
    return torch.randint(3, vocabulary, (n,), generator=torch.Generator().manual_seed(seed)).tolist()


def expect(model, ids, directory, name="golden"):
    """NAME.json: the ids and the greedy continuation; NAME.f32: logits at every position, [n, vocabulary]."""
    stored = {key: value.double() for key, value in model.state_dict().items()}
    model = type(model)(copy.deepcopy(model.config)).double().eval()  # its frequencies are not rounded with the weights
    model.load_state_dict(stored)
    with torch.no_grad():
        logits = model(torch.tensor([ids]), use_cache=False).logits[0]
        logits.to(torch.float32).numpy().astype("<f4").tofile(directory / f"{name}.f32")
        greedy, gap, all_ids = [], 1e9, list(ids)
        for _ in range(GREEDY):
            last = model(torch.tensor([all_ids]), use_cache=False).logits[0, -1]
            best = last.topk(2)
            gap = min(gap, float(best.values[0] - best.values[1]))
            greedy.append(int(best.indices[0]))
            all_ids.append(greedy[-1])
    (directory / f"{name}.json").write_text(
        json.dumps({"tokens": ids, "greedy": greedy, "smallest_gap": round(gap, 6), "vocabulary": logits.shape[1]}) + "\n")


def save(model, directory, **how):
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    model.save_pretrained(directory, **how)
    (directory / "generation_config.json").unlink(missing_ok=True)


def write(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n")


def edit(directory, **changes):
    config = json.loads((directory / "config.json").read_text())
    for key, value in changes.items():
        config.pop(key, None) if value is None else config.__setitem__(key, value)
    write(directory / "config.json", config)


# F32 in one file, tokenizer.model, output of its own, heads whose lengths do not add up to the width.
llama = LlamaConfig(vocab_size=392, hidden_size=40, intermediate_size=72, num_hidden_layers=2, num_attention_heads=4,
                    num_key_value_heads=2, head_dim=16, max_position_embeddings=64, rms_norm_eps=1e-5,
                    rope_parameters={"rope_type": "default", "rope_theta": 5000.0})
model = LlamaForCausalLM(llama)
spread(model, 1)
save(model, out / "llama")
ids = tokens(392, 20, 2)
expect(model, ids, out / "llama")
variants = {
    "linear": {"rope_scaling": {"type": "linear", "factor": 2.5}},
    "llama3": {"rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                                "original_max_position_embeddings": 32}},
    "yarn": {"rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16}},
    "yarn-factor": {"rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16,
                                     "attention_factor": 1.25, "beta_fast": 8.0, "beta_slow": 0.5}},
    "yarn-mscale": {"rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16, "mscale": 0.7,
                                     "mscale_all_dim": 1.3}},
    "dynamic": {"rope_scaling": {"type": "dynamic", "factor": 4.0}},
}
for name, changes in variants.items():
    config = json.loads((out / "llama/config.json").read_text())
    config.pop("rope_parameters")
    config.update(rope_theta=5000.0, **changes)
    other = LlamaForCausalLM(LlamaConfig(**copy.deepcopy(config)))
    other.load_state_dict(model.state_dict())
    (out / "llama/variants").mkdir(exist_ok=True)
    write(out / f"llama/variants/{name}.config.json", config)
    expect(other, ids, out / "llama/variants", name)

sentencepiece.SentencePieceTrainer.train(
    input=corpus, model_prefix=str(out / "llama/tokenizer"), model_type="bpe", vocab_size=384, byte_fallback=True,
    normalization_rule_name="identity", remove_extra_whitespaces=False, split_digits=True, character_coverage=0.999,
    allow_whitespace_only_pieces=True, num_threads=1, minloglevel=2)
(out / "llama/tokenizer.vocab").unlink()
spm = sentencepiece.SentencePieceProcessor(model_file=str(out / "llama/tokenizer.model"))
texts = ["Once upon a time", "  two  spaces ", "", " ", "héllo wörld 漢字 🚀", "line\nend\ttab", "1234 5.6", "The fox's tail!", "x" * 50]
with open(out / "llama/tokenizer.jsonl", "w") as f:
    for text in texts:
        f.write(json.dumps({"text": text, "ids": spm.encode(text)}) + "\n")
write(out / "llama/tokenizer_config.json", {
    "add_bos_token": True, "add_eos_token": False, "bos_token": "<s>", "eos_token": {"content": "</s>", "__type": "AddedToken"},
    "unk_token": "<unk>", "tokenizer_class": "LlamaTokenizer",
    "added_tokens_decoder": {"0": {"content": "<unk>", "special": True}, "1": {"content": "<s>", "special": True},
                             "2": {"content": "</s>", "special": True}, "384": {"content": "<turn>", "special": True},
                             "385": {"content": "<mark>", "special": False}},
    "chat_template": "{% for m in messages %}<turn>{{ m.role }}\n{{ m.content }}{{ eos_token }}{% endfor %}"
                     "{% if add_generation_prompt %}<turn>assistant\n{% endif %}"})
write(out / "llama/generation_config.json", {"bos_token_id": 1, "eos_token_id": [2, 384], "temperature": 0.6, "top_p": 0.9})

# BF16 in three files, tokenizer.json, output tied, Llama 3's scaling in the words of older versions.
small = dict(hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=8,
             max_position_embeddings=64, rms_norm_eps=1e-5)
model = LlamaForCausalLM(LlamaConfig(vocab_size=904, tie_word_embeddings=True, rope_parameters={
    "rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16}, **small))
spread(model, 3)
model = model.to(torch.bfloat16)
save(model, out / "llama3", max_shard_size="40KB")
expect(model, tokens(904, 18, 4), out / "llama3")
edit(out / "llama3", rope_parameters=None, rope_theta=500000.0, dtype=None, torch_dtype="bfloat16", eos_token_id=[901, 903], rope_scaling={
    "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 16})
shutil.copy(tokenizer_json, out / "llama3/tokenizer.json")
write(out / "llama3/tokenizer_config.json", {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"})
(out / "llama3/chat_template.jinja").write_text(
    "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n{{ m.content }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}")

# F16, a window, no tokenizer.
model = MistralForCausalLM(MistralConfig(vocab_size=96, sliding_window=24, rope_parameters={"rope_type": "default", "rope_theta": 10000.0}, **small))
spread(model, 5)
model = model.to(torch.float16)
save(model, out / "mistral")
expect(model, tokens(96, 12, 6), out / "mistral")

# Experts.
model = MixtralForCausalLM(MixtralConfig(vocab_size=96, num_local_experts=4, num_experts_per_tok=2, experts_implementation="eager",
                                         rope_parameters={"rope_type": "default", "rope_theta": 10000.0}, **small))
spread(model, 7)
save(model, out / "mixtral")
expect(model, tokens(96, 16, 8), out / "mixtral")

# F8 with a scale for each block of 16 x 32, and (in another directory) one for each matrix or row. What transformers runs is BF16.
model = LlamaForCausalLM(LlamaConfig(vocab_size=96, rope_parameters={"rope_type": "default", "rope_theta": 10000.0}, **small))
spread(model, 9)
model = model.to(torch.bfloat16)
for kind, suffix in (("fp8-block", "_scale_inv"), ("fp8-tensor", "_scale")):
    run = copy.deepcopy(model)
    save(run, out / kind)
    stored = load_file(out / kind / "model.safetensors")
    for i, name in enumerate(sorted(n for n in stored if "proj" in n)):
        w = stored[name].float()
        rows, columns = w.shape
        br, bc = (16, 32) if kind == "fp8-block" else (rows, columns) if i % 2 else (1, columns)
        scale = torch.empty((-(-rows // br), -(-columns // bc)))
        codes, back = torch.empty(w.shape, dtype=torch.float8_e4m3fn), torch.empty_like(w)
        for r in range(scale.shape[0]):
            for c in range(scale.shape[1]):
                at = (slice(r * br, (r + 1) * br), slice(c * bc, (c + 1) * bc))
                scale[r, c] = w[at].abs().max() / 448
                codes[at] = (w[at] / scale[r, c]).to(torch.float8_e4m3fn)
                back[at] = codes[at].float() * scale[r, c]
        stored[name] = codes
        whole = kind == "fp8-tensor" and i % 2
        stored[name + suffix] = scale.reshape(1) if whole else scale
        run.get_parameter(name).data.copy_(back.to(torch.bfloat16))
    save_file(stored, out / kind / "model.safetensors", metadata={"format": "pt"})
    expect(run, tokens(96, 14, 10), out / kind)
    edit(out / kind, quantization_config={"quant_method": "fp8", "activation_scheme": "dynamic", "weight_block_size": [16, 32]}
         if kind == "fp8-block" else {"quant_method": "compressed-tensors", "format": "float-quantized"})
