"""Changing the emotion of a talking face by a network, after Wav2Lip-Emotion.

Magnusson, Sankaranarayanan and Lippman, "Invertible Frowns: Video-to-Video Facial Emotion
Translation" (ADGD at ACM Multimedia, 2021), which extends Prajwal et al., "A Lip Sync Expert Is All
You Need for Speech to Lip Generation In the Wild" (ACM Multimedia, 2020).
"""
