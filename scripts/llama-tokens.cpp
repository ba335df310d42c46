// Answers, with llama.cpp's library, what core's DifferentialRun asks: one line in, one line out.
//   T<add_special><parse_special> HEX   ids of a text, with commas
//   D<remove_special><unparse_special> IDS   the text of ids, in hex
//   P<special>0 ID   the text of one token, in hex
// Build: c++ -std=c++17 -O2 llama-tokens.cpp -lllama -o llama-tokens
#include <llama.h>

#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

static std::string bytes(const std::string & hex) {
    std::string out;
    for (size_t i = 0; i + 1 < hex.size(); i += 2) {
        out.push_back((char) std::stoi(hex.substr(i, 2), nullptr, 16));
    }
    return out;
}

static std::string hex(const char * data, int count) {
    std::string out;
    char two[3];
    for (int i = 0; i < count; i++) {
        std::snprintf(two, sizeof two, "%02x", (unsigned char) data[i]);
        out += two;
    }
    return out;
}

int main(int argc, char ** argv) {
    if (argc != 2) {
        std::fputs("usage: llama-tokens VOCABULARY.gguf\n", stderr);
        return 2;
    }
    llama_log_set(
            [](ggml_log_level level, const char * text, void *) {
                if (level == GGML_LOG_LEVEL_ERROR) {
                    std::fputs(text, stderr);
                }
            },
            nullptr);
    llama_backend_init();
    llama_model_params params = llama_model_default_params();
    params.vocab_only = true;
    llama_model * model = llama_model_load_from_file(argv[1], params);
    if (model == nullptr) {
        return 1;
    }
    const llama_vocab * vocabulary = llama_model_get_vocab(model);

    std::string line;
    while (std::getline(std::cin, line)) {
        const bool first = line[1] == '1';
        const bool second = line[2] == '1';
        const std::string rest = line.size() > 4 ? line.substr(4) : "";
        std::string answer;
        if (line[0] == 'T') {
            const std::string text = bytes(rest);
            std::vector<llama_token> ids(text.size() * 3 + 16);
            const int count = llama_tokenize(
                    vocabulary, text.data(), (int) text.size(), ids.data(), (int) ids.size(), first, second);
            for (int i = 0; i < count; i++) {
                answer += (i > 0 ? "," : "") + std::to_string(ids[i]);
            }
        } else if (line[0] == 'D') {
            std::vector<llama_token> ids;
            std::stringstream list(rest);
            for (std::string id; std::getline(list, id, ',');) {
                ids.push_back(std::stoi(id));
            }
            std::vector<char> text(1 << 16);
            answer = hex(
                    text.data(),
                    llama_detokenize(
                            vocabulary, ids.data(), (int) ids.size(), text.data(), (int) text.size(), first, second));
        } else if (line[0] == 'P') {
            char text[4096];
            answer = hex(text, llama_token_to_piece(vocabulary, std::stoi(rest), text, sizeof text, 0, first));
        }
        std::puts(answer.c_str());
    }
}
