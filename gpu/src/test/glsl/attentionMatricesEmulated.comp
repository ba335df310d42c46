#version 460
#extension GL_GOOGLE_include_directive : require
#define EMULATED
#include "../../main/glsl/attentionMatrices.glsl"
