#version 460
#extension GL_GOOGLE_include_directive : require
#pragma variant CODED
#define EXACT_HALVES 3
#define EMULATED
#include "../../main/glsl/matmulMatrices.glsl"
